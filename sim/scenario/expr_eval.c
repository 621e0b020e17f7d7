/* SPDX-License-Identifier: MIT */
/* What a compiled expression comes to, and how its terms are told. */
#include <string.h>

#include "abi/ffa_decode.h"
#include "sim/scenario/expr_internal.h"

struct evaluation {
	const struct sim_expr *expr;
	sim_expr_resolve *resolve;
	void *user;
	enum sim_expr_known known; /* of the first term without a value */
};

static uint64_t evaluate(struct evaluation *e, uint32_t index);

static uint64_t evaluate_binary(struct evaluation *e, const struct node *node)
{
	uint64_t left = evaluate(e, node->left);
	uint64_t right;

	/* && and || do not look at what cannot change the answer: done(x) && x == SUCCESS. */
	if (e->known != SIM_EXPR_KNOWN || (node->op == OP_AND && !left) ||
	    (node->op == OP_OR && left))
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
		if (e->known == SIM_EXPR_KNOWN)
			e->known = e->resolve(e->user, &e->expr->terms[node->left], &value);
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

bool sim_expr_eval(const struct sim_expr *expr, sim_expr_resolve *resolve, void *user,
                   enum sim_expr_known *ret_known)
{
	struct evaluation e = {.expr = expr, .resolve = resolve, .user = user};
	uint64_t value = evaluate(&e, expr->root);

	*ret_known = e.known;
	return e.known == SIM_EXPR_KNOWN && value != 0;
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

/* The status of what is no call is whatever the mediator answered. */
static void append_status(GString *text, const struct sim_step *step, int32_t status)
{
	const char *name =
	        step->action == SIM_ACTION_CALL ? ffa_code_name(status) : ffa_status_name(status);

	if (name)
		g_string_append(text, name);
	else
		g_string_append_printf(text, "%d", status);
}

static void append_value(GString *text, const struct sim_expr_term *term,
                         const struct sim_scenario *scenario, uint64_t value)
{
	switch (term->query) {
	case SIM_QUERY_STATUS:
		append_status(text, scenario->labels[term->label].step, (int32_t)value);
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

static const char *const unknown[] = {
        [SIM_EXPR_NOT_RUN] = "(did not run)",
        [SIM_EXPR_UNDEFINED] = "undefined",
        [SIM_EXPR_NO_ANSWER] = "(no answer)",
};

/* Why a result is undefined: what its step answered. */
static void append_cause(GString *text, unsigned label, const struct sim_scenario *scenario,
                         sim_expr_resolve *resolve, void *user)
{
	const struct sim_expr_term term = {.query = SIM_QUERY_STATUS, .label = label};
	uint64_t status;

	if (resolve(user, &term, &status) != SIM_EXPR_KNOWN)
		return;
	g_string_append_printf(text, " (%s=", scenario->labels[label].name);
	append_status(text, scenario->labels[label].step, (int32_t)status);
	g_string_append_c(text, ')');
}

char *sim_expr_explain(const struct sim_expr *expr, const struct sim_scenario *scenario,
                       sim_expr_resolve *resolve, void *user)
{
	GString *text = g_string_new(NULL);

	for (uint32_t i = 0; i < expr->term_count; i++) {
		const struct sim_expr_term *term = &expr->terms[i];
		enum sim_expr_known known;
		uint64_t value;

		if (i)
			g_string_append_c(text, ' ');
		append_term(text, term, scenario);
		g_string_append_c(text, '=');
		known = resolve(user, term, &value);
		if (known == SIM_EXPR_KNOWN)
			append_value(text, term, scenario, value);
		else
			g_string_append(text, unknown[known]);
		if (known == SIM_EXPR_UNDEFINED)
			append_cause(text, term->label, scenario, resolve, user);
	}
	return g_string_free(text, FALSE);
}
