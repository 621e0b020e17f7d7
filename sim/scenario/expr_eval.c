/* SPDX-License-Identifier: MIT */
/* What a compiled expression comes to, and how its terms are told. */
#include <string.h>

#include "abi/ffa_decode.h"
#include "sim/scenario/expr_internal.h"

struct evaluation {
	const struct sim_expr *expr;
	sim_expr_resolve *resolve;
	void *user;
	const struct sim_expr_term *missing; /* the first term without a value */
};

static uint64_t evaluate(struct evaluation *e, uint32_t index);

static uint64_t evaluate_binary(struct evaluation *e, const struct node *node)
{
	uint64_t left = evaluate(e, node->left);
	uint64_t right;

	/* && and || do not look at what cannot change the answer: done(x) && x == SUCCESS. */
	if (e->missing || (node->op == OP_AND && !left) || (node->op == OP_OR && left))
		return left != 0;
	right = evaluate(e, node->right);
	switch (node->op) {
	case OP_OR:
	case OP_AND:
		return right != 0;
	case OP_EQ:
		return left == right;
	case OP_NE:
		return left != right;
	case OP_LT:
		return left < right;
	case OP_LE:
		return left <= right;
	case OP_GT:
		return left > right;
	case OP_GE:
		return left >= right;
	case OP_BIT_OR:
		return left | right;
	case OP_BIT_AND:
		return left & right;
	default:
		g_assert_not_reached();
	}
}

static uint64_t evaluate(struct evaluation *e, uint32_t index)
{
	const struct node *node = &e->expr->nodes[index];
	uint64_t value = 0;

	switch (node->op) {
	case OP_NUMBER:
		return node->value;
	case OP_TERM:
		if (!e->missing && !e->resolve(e->user, &e->expr->terms[node->left], &value))
			e->missing = &e->expr->terms[node->left];
		return value;
	case OP_NOT:
		return !evaluate(e, node->left);
	case OP_INVERT:
		return ~evaluate(e, node->left);
	case OP_MINUS:
		return 0 - evaluate(e, node->left);
	default:
		return evaluate_binary(e, node);
	}
}

bool sim_expr_eval(const struct sim_expr *expr, sim_expr_resolve *resolve, void *user, bool *ret_ok,
                   const struct sim_expr_term **ret_term)
{
	struct evaluation e = {.expr = expr, .resolve = resolve, .user = user};
	uint64_t value = evaluate(&e, expr->root);

	*ret_ok = !e.missing;
	if (e.missing)
		*ret_term = e.missing;
	return !e.missing && value != 0;
}

/* Explanation */

static void append_term(GString *text, const struct sim_expr_term *term,
                        const struct sim_scenario *scenario)
{
	const char *label = scenario->labels[term->label].name;
	const char *vm = scenario->machine.vms[term->vm].name;

	switch (term->query) {
	case SIM_QUERY_STATUS:
		g_string_append(text, label);
		break;
	case SIM_QUERY_FIELD:
		g_string_append_printf(text, "%s.%s", label, term->field->name);
		break;
	case SIM_QUERY_REG:
		g_string_append_printf(text, "%s.%c%u", label, term->word ? 'w' : 'x', term->reg);
		break;
	case SIM_QUERY_DONE:
		g_string_append_printf(text, "done(%s)", label);
		break;
	case SIM_QUERY_PENDING:
		g_string_append_printf(text, "pending(%s)", vm);
		break;
	case SIM_QUERY_NPI:
		g_string_append_printf(text, "npi(%s)", vm);
		break;
	case SIM_QUERY_ONLINE:
		g_string_append_printf(text, "online(%s)", vm);
		break;
	case SIM_QUERY_COUNT:
		g_string_append(text, scenario->counters[term->counter].name);
		break;
	}
}

static void append_value(GString *text, const struct sim_expr_term *term, uint64_t value)
{
	const char *status = NULL;

	switch (term->query) {
	case SIM_QUERY_STATUS:
		status = ffa_status_name((int32_t)value);
		if (status)
			g_string_append(text, status);
		else
			g_string_append_printf(text, "%d", (int32_t)value);
		break;
	case SIM_QUERY_DONE:
	case SIM_QUERY_NPI:
	case SIM_QUERY_ONLINE:
	case SIM_QUERY_COUNT:
		g_string_append_printf(text, "%" G_GUINT64_FORMAT, value);
		break;
	case SIM_QUERY_FIELD:
	case SIM_QUERY_REG:
	case SIM_QUERY_PENDING:
		g_string_append_printf(text, "0x%" G_GINT64_MODIFIER "x", value);
		break;
	}
}

char *sim_expr_explain(const struct sim_expr *expr, const struct sim_scenario *scenario,
                       sim_expr_resolve *resolve, void *user)
{
	GString *text = g_string_new(NULL);

	for (uint32_t i = 0; i < expr->term_count; i++) {
		const struct sim_expr_term *term = &expr->terms[i];
		uint64_t value;

		if (i)
			g_string_append_c(text, ' ');
		append_term(text, term, scenario);
		g_string_append_c(text, '=');
		if (resolve(user, term, &value))
			append_value(text, term, value);
		else
			g_string_append(text, "(did not run)");
	}
	return g_string_free(text, FALSE);
}
