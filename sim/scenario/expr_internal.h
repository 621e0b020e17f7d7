/* SPDX-License-Identifier: MIT */
/* A compiled expression: nodes that refer to nodes before them, the last of them the root. */
#ifndef SIM_SCENARIO_EXPR_INTERNAL_H
#define SIM_SCENARIO_EXPR_INTERNAL_H

#include "sim/scenario/expr.h"

#define MAX_NODES 512u

enum op {
	OP_NUMBER, /* value */
	OP_TERM,   /* left: index of the term */
	OP_OR,
	OP_AND,
	OP_EQ,
	OP_NE,
	OP_LT,
	OP_LE,
	OP_GT,
	OP_GE,
	OP_BIT_OR,
	OP_BIT_AND,
	OP_NOT, /* unary from here on: left only */
	OP_INVERT,
	OP_MINUS,
};

/* A status is a name for what a call says; everything else is a number, truth values included. */
enum type { TYPE_NUMBER, TYPE_STATUS };

struct node {
	enum op op;
	enum type type;
	uint32_t left, right;
	uint64_t value;
};

struct sim_expr {
	struct node nodes[MAX_NODES];
	struct sim_expr_term terms[SIM_EXPR_MAX_TERMS];
	uint32_t node_count;
	uint32_t term_count;
	uint32_t root;
};

#endif
