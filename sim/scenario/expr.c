/* SPDX-License-Identifier: MIT */
#include "sim/scenario/expr_internal.h"

#include <string.h>

#include "abi/ffa_decode.h"
#include "sim/scenario/json_scan.h"
#include "sim/scenario/load.h"

#define NONE UINT32_MAX

/* w2 of the framework messages (facts spmc.md section 1.4.1) */
#define VM_CREATED_FLAGS   0x80000004u
#define VM_DESTROYED_FLAGS 0x80000006u

struct parser {
	struct sim_expr *expr;
	struct sim_scenario *scenario;
	const char *text;
	const char *at;
	unsigned depth;
	GError **error;
};

/* Parsing functions answer the index of a node, or NONE after an error. */
static uint32_t parse_or(struct parser *p);

static uint32_t G_GNUC_PRINTF(3, 4)
        fail_at(struct parser *p, const char *where, const char *format, ...)
{
	g_autofree char *message = NULL;
	g_autofree char *clean = NULL;
	va_list arguments;

	va_start(arguments, format);
	message = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	clean = sim_json_printable(message);
	g_set_error(p->error, SIM_ERROR, SIM_ERROR_SCHEMA, "column %ld: %s",
	            g_utf8_pointer_to_offset(p->text, where) + 1, clean);
	return NONE;
}

static void skip_space(struct parser *p)
{
	while (*p->at == ' ' || *p->at == '\t' || *p->at == '\n' || *p->at == '\r')
		p->at++;
}

/* The next thing, for a message about it. */
static const char *here(struct parser *p)
{
	skip_space(p);
	return p->at;
}

/* Takes an operator or bracket if it is next; '|' and '&' are not when doubled. */
static bool take(struct parser *p, const char *token)
{
	size_t length = strlen(token);

	skip_space(p);
	if (strncmp(p->at, token, length) != 0)
		return false;
	if (length == 1 && strchr("|&", *token) && p->at[1] == *token)
		return false;
	p->at += length;
	return true;
}

static char *take_name(struct parser *p)
{
	const char *start;

	skip_space(p);
	start = p->at;
	if (!g_ascii_isalpha(*p->at) && *p->at != '_')
		return NULL;
	while (g_ascii_isalnum(*p->at) || *p->at == '_')
		p->at++;
	return g_strndup(start, (size_t)(p->at - start));
}

static uint32_t add_node(struct parser *p, struct node node)
{
	if (p->expr->node_count == MAX_NODES)
		return fail_at(p, p->at, "the expression has more than %u parts", MAX_NODES);
	p->expr->nodes[p->expr->node_count] = node;
	return p->expr->node_count++;
}

static enum type type_of(const struct parser *p, uint32_t node)
{
	return p->expr->nodes[node].type;
}

static bool same_term(const struct sim_expr_term *a, const struct sim_expr_term *b)
{
	return a->query == b->query && a->label == b->label && a->vm == b->vm &&
	       a->counter == b->counter && a->field == b->field && a->reg == b->reg &&
	       a->word == b->word;
}

static uint32_t add_term(struct parser *p, struct sim_expr_term term)
{
	enum type type = term.query == SIM_QUERY_STATUS ? TYPE_STATUS : TYPE_NUMBER;
	uint32_t i = 0;

	while (i < p->expr->term_count && !same_term(&p->expr->terms[i], &term))
		i++;
	if (i == SIM_EXPR_MAX_TERMS)
		return fail_at(p, p->at, "the expression has more than %u terms",
		               SIM_EXPR_MAX_TERMS);
	if (i == p->expr->term_count)
		p->expr->terms[p->expr->term_count++] = term;
	return add_node(p, (struct node){.op = OP_TERM, .type = type, .left = i});
}

/* Names */

/* What stands in the brackets of a function. */
enum argument { ARGUMENT_LABEL, ARGUMENT_VM, ARGUMENT_CALL, ARGUMENT_SP };

struct function {
	const char *name;
	enum sim_expr_query query;
	enum argument argument;
	uint32_t flags; /* of an SP: w2 of the messages that are counted */
};

static const struct function functions[] = {
        {"pending", SIM_QUERY_PENDING, ARGUMENT_VM, 0},
        {"npi", SIM_QUERY_NPI, ARGUMENT_VM, 0},
        {"online", SIM_QUERY_ONLINE, ARGUMENT_VM, 0},
        {"done", SIM_QUERY_DONE, ARGUMENT_LABEL, 0},
        {"smcs", SIM_QUERY_COUNT, ARGUMENT_CALL, 0},
        {"vm_created", SIM_QUERY_COUNT, ARGUMENT_SP, VM_CREATED_FLAGS},
        {"vm_destroyed", SIM_QUERY_COUNT, ARGUMENT_SP, VM_DESTROYED_FLAGS},
};

static const struct function *find_function(const char *name)
{
	for (unsigned i = 0; i < G_N_ELEMENTS(functions); i++)
		if (strcmp(functions[i].name, name) == 0)
			return &functions[i];
	return NULL;
}

bool sim_expr_is_function(const char *name)
{
	return find_function(name) != NULL;
}

static uint32_t fail_unknown(struct parser *p, const char *where, const char *name)
{
	const struct ffa_call *call = ffa_call_by_name(name, NULL);
	g_autofree char *hint = NULL;
	struct sim_suggest suggest;

	if (call)
		return fail_at(p, where,
		               "unknown name '%s': a function that ends a call is written '%s'",
		               name, ffa_code_name(call->number));
	sim_suggest_init(&suggest, name);
	for (unsigned i = 0; i < p->scenario->label_count; i++)
		sim_suggest_offer(&suggest, p->scenario->labels[i].name);
	for (size_t i = 0; i < ffa_code_count(); i++)
		sim_suggest_offer(&suggest, ffa_code_name_at(i));
	for (unsigned i = 0; i < G_N_ELEMENTS(functions); i++)
		sim_suggest_offer(&suggest, functions[i].name);
	hint = sim_suggest_text(&suggest);
	return fail_at(p, where, "unknown name '%s': neither a label nor a status%s", name, hint);
}

static bool find_label(const struct parser *p, const char *name, unsigned *ret_label)
{
	for (unsigned i = 0; i < p->scenario->label_count; i++) {
		if (strcmp(p->scenario->labels[i].name, name) == 0) {
			*ret_label = i;
			return true;
		}
	}
	return false;
}

static bool find_vm(const struct parser *p, const char *name, unsigned *ret_vm)
{
	for (unsigned i = 0; i < p->scenario->machine.vm_count; i++) {
		if (strcmp(p->scenario->machine.vms[i].name, name) == 0) {
			*ret_vm = i;
			return true;
		}
	}
	return false;
}

static uint32_t fail_unknown_vm(struct parser *p, const char *where, const char *name)
{
	g_autofree char *hint = NULL;
	struct sim_suggest suggest;

	sim_suggest_init(&suggest, name);
	for (unsigned i = 0; i < p->scenario->machine.vm_count; i++)
		sim_suggest_offer(&suggest, p->scenario->machine.vms[i].name);
	hint = sim_suggest_text(&suggest);
	return fail_at(p, where, "unknown VM '%s'%s", name, hint);
}

static uint32_t fail_unknown_label(struct parser *p, const char *where, const char *name)
{
	g_autofree char *hint = NULL;
	struct sim_suggest suggest;

	sim_suggest_init(&suggest, name);
	for (unsigned i = 0; i < p->scenario->label_count; i++)
		sim_suggest_offer(&suggest, p->scenario->labels[i].name);
	hint = sim_suggest_text(&suggest);
	return fail_at(p, where, "unknown label '%s'%s", name, hint);
}

static uint32_t fail_unknown_sp(struct parser *p, const char *where, const char *name)
{
	g_autofree char *hint = NULL;
	struct sim_suggest suggest;

	sim_suggest_init(&suggest, name);
	for (unsigned i = 0; i < p->scenario->machine.sp_count; i++)
		sim_suggest_offer(&suggest, p->scenario->machine.sps[i].name);
	hint = sim_suggest_text(&suggest);
	return fail_at(p, where, "unknown SP '%s'%s", name, hint);
}

static const struct sim_sp *find_sp(const struct parser *p, const char *name)
{
	for (unsigned i = 0; i < p->scenario->machine.sp_count; i++)
		if (strcmp(p->scenario->machine.sps[i].name, name) == 0)
			return &p->scenario->machine.sps[i];
	return NULL;
}

/* A counter that the scenario has already is used again. */
static uint32_t add_counter(struct parser *p, const char *function, const char *name,
                            struct sim_counter counter)
{
	struct sim_scenario *scenario = p->scenario;
	struct sim_expr_term term = {.query = SIM_QUERY_COUNT};

	g_snprintf(counter.name, sizeof(counter.name), "%s(%s)", function, name);
	while (term.counter < scenario->counter_count &&
	       strcmp(scenario->counters[term.counter].name, counter.name) != 0)
		term.counter++;
	if (term.counter == SIM_MAX_COUNTERS)
		return fail_at(p, p->at, "the outcomes count more than %u things",
		               SIM_MAX_COUNTERS);
	if (term.counter == scenario->counter_count)
		scenario->counters[scenario->counter_count++] = counter;
	return add_term(p, term);
}

static uint32_t parse_counted_call(struct parser *p, const char *where, const char *function,
                                   const char *name)
{
	struct sim_counter counter = {0};
	g_autofree char *message = NULL;
	unsigned count;

	if (sim_call_widths(name, counter.fids, &count))
		return add_counter(p, function, name, counter);
	message = sim_unknown_call(name);
	return fail_at(p, where, "%s", message);
}

static uint32_t parse_counted_message(struct parser *p, const char *where,
                                      const struct function *function, const char *name)
{
	const struct sim_sp *sp = find_sp(p, name);

	if (!sp)
		return fail_unknown_sp(p, where, name);
	return add_counter(p, function->name, name,
	                   (struct sim_counter){.fids = {FFA_MSG_SEND_DIRECT_REQ_32},
	                                        .receiver = sp->id,
	                                        .flags = function->flags});
}

static uint32_t resolve_argument(struct parser *p, const char *where,
                                 const struct function *function, const char *name)
{
	struct sim_expr_term term = {.query = function->query};

	switch (function->argument) {
	case ARGUMENT_LABEL:
		if (!find_label(p, name, &term.label))
			return fail_unknown_label(p, where, name);
		break;
	case ARGUMENT_VM:
		if (!find_vm(p, name, &term.vm))
			return fail_unknown_vm(p, where, name);
		break;
	case ARGUMENT_CALL:
		return parse_counted_call(p, where, function->name, name);
	case ARGUMENT_SP:
		return parse_counted_message(p, where, function, name);
	}
	return add_term(p, term);
}

/* The argument of a function, in brackets. */
static uint32_t parse_argument(struct parser *p, const struct function *function)
{
	g_autofree char *name = NULL;
	const char *where;
	uint32_t node;

	if (!take(p, "("))
		return fail_at(p, p->at, "expected '(' after '%s'", function->name);
	where = here(p);
	name = take_name(p);
	if (!name)
		return fail_at(p, where, "expected a name in the brackets of '%s'", function->name);
	node = resolve_argument(p, where, function, name);
	if (node != NONE && !take(p, ")"))
		return fail_at(p, p->at, "expected ')' after '%s'", name);
	return node;
}

static uint32_t fail_field(struct parser *p, const char *where, const char *label, const char *name,
                           const struct ffa_call *call)
{
	g_autofree char *hint = NULL;
	struct sim_suggest suggest;

	if (!call)
		return fail_at(p, where, "step '%s' has no field '%s'", label, name);
	sim_suggest_init(&suggest, name);
	sim_suggest_offer(&suggest, "status");
	sim_offer_fields(&suggest, call->results.fields);
	hint = sim_suggest_text(&suggest);
	return fail_at(p, where, "%s has no result '%s'%s", call->name, name, hint);
}

/* Whether the step answers with SUCCESS or an error: FFA_VERSION and most host actions do not. */
static bool has_status(const struct sim_step *step)
{
	const struct ffa_call *call = ffa_call_by_fid(step->fid);

	if (step->action == SIM_ACTION_VM_CREATE || step->action == SIM_ACTION_SP_CALL)
		return true;
	return step->action == SIM_ACTION_CALL && (!call || call->number != FFA_FN_VERSION);
}

static uint32_t parse_status_of(struct parser *p, const char *where, const char *name,
                                struct sim_expr_term term)
{
	if (!has_status(p->scenario->labels[term.label].step))
		return fail_at(p, where, "step '%s' answers with no status (there is done(%s))",
		               name, name);
	term.query = SIM_QUERY_STATUS;
	return add_term(p, term);
}

/* What follows a label. */
static uint32_t parse_label(struct parser *p, const char *where, const char *label,
                            struct sim_expr_term term)
{
	const struct sim_step *step = p->scenario->labels[term.label].step;
	const struct ffa_call *call =
	        step->action == SIM_ACTION_CALL ? ffa_call_by_fid(step->fid) : NULL;
	g_autofree char *name = NULL;

	if (!take(p, "."))
		return parse_status_of(p, where, label, term);
	where = here(p);
	name = take_name(p);
	if (!name)
		return fail_at(p, where, "expected a field after '%s.'", label);
	if (strcmp(name, "status") == 0)
		return parse_status_of(p, where, label, term);
	if (step->action == SIM_ACTION_CALL && sim_parse_register(name, &term.reg, &term.word)) {
		term.query = SIM_QUERY_REG;
		return add_term(p, term);
	}
	term.query = SIM_QUERY_FIELD;
	term.field = call ? ffa_field_find(call, FFA_RESULTS, name) : NULL;
	return term.field ? add_term(p, term) : fail_field(p, where, label, name, call);
}

static uint32_t parse_name(struct parser *p)
{
	const char *where = p->at;
	g_autofree char *name = take_name(p);
	const struct function *function = find_function(name);
	struct sim_expr_term term = {0};
	int32_t status;

	if (function)
		return parse_argument(p, function);
	if (ffa_code_by_name(name, &status))
		return add_node(p, (struct node){.op = OP_NUMBER,
		                                 .type = TYPE_STATUS,
		                                 .value = (uint64_t)(int64_t)status});
	if (!find_label(p, name, &term.label))
		return fail_unknown(p, where, name);
	return parse_label(p, where, name, term);
}

/* The grammar, innermost first */

static uint32_t parse_number(struct parser *p)
{
	const char *start = p->at;
	g_autofree char *digits = NULL;
	bool hex = start[0] == '0' && (start[1] == 'x' || start[1] == 'X');
	uint64_t value;

	p->at += hex ? 2 : 0;
	while (g_ascii_isalnum(*p->at) || *p->at == '_')
		p->at++;
	digits = g_strndup(start + (hex ? 2 : 0), (size_t)(p->at - start) - (hex ? 2 : 0));
	if (!hex && digits[0] == '0' && digits[1])
		return fail_at(p, start, "number '%s' has a leading zero", digits);
	if (!g_ascii_string_to_unsigned(digits, hex ? 16 : 10, 0, UINT64_MAX, &value, NULL))
		return fail_at(p, start, "'%s%s' is not a number of at most 64 bits",
		               hex ? "0x" : "", digits);
	return add_node(p, (struct node){.op = OP_NUMBER, .value = value});
}

static uint32_t parse_brackets(struct parser *p)
{
	const char *opened = p->at - 1;
	uint32_t node = parse_or(p);

	if (node == NONE || take(p, ")"))
		return node;
	return fail_at(p, p->at, "expected ')' for the '(' at column %ld",
	               g_utf8_pointer_to_offset(p->text, opened) + 1);
}

static uint32_t parse_primary(struct parser *p)
{
	skip_space(p);
	if (g_ascii_isdigit(*p->at))
		return parse_number(p);
	if (g_ascii_isalpha(*p->at) || *p->at == '_')
		return parse_name(p);
	if (take(p, "("))
		return parse_brackets(p);
	if (!*p->at)
		return fail_at(p, p->at, "the expression ends where a value is expected");
	return fail_at(p, p->at, "unexpected '%.*s' where a value is expected",
	               (int)(g_utf8_next_char(p->at) - p->at), p->at);
}

static uint32_t need_number(struct parser *p, const char *where, uint32_t node)
{
	if (node == NONE || type_of(p, node) == TYPE_NUMBER)
		return node;
	return fail_at(p, where,
	               "a status is not a number or a truth value (compare it with == or !=)");
}

static uint32_t parse_unary(struct parser *p)
{
	static const struct {
		const char *token;
		enum op op;
	} operators[] = {{"!", OP_NOT}, {"~", OP_INVERT}, {"-", OP_MINUS}};
	uint32_t left = NONE;
	unsigned i = 0;
	const char *where;

	where = here(p);
	if (p->depth == SIM_EXPR_MAX_DEPTH)
		return fail_at(p, where, "nested deeper than %u levels", SIM_EXPR_MAX_DEPTH);
	while (i < G_N_ELEMENTS(operators) && !take(p, operators[i].token))
		i++;
	p->depth++;
	if (i < G_N_ELEMENTS(operators)) {
		where = here(p);
		left = need_number(p, where, parse_unary(p));
	} else {
		left = parse_primary(p);
	}
	p->depth--;
	if (left == NONE || i == G_N_ELEMENTS(operators))
		return left;
	return add_node(p, (struct node){.op = operators[i].op, .left = left});
}

/* A left-associative chain of one operator on numbers. */
static uint32_t parse_chain(struct parser *p, const char *token, enum op op,
                            uint32_t (*operand)(struct parser *))
{
	const char *where = here(p);
	uint32_t left = operand(p);

	while (left != NONE && take(p, token)) {
		const char *right_at = here(p);
		uint32_t right;

		if (need_number(p, where, left) == NONE)
			return NONE;
		right = need_number(p, right_at, operand(p));
		if (right == NONE)
			return NONE;
		left = add_node(p, (struct node){.op = op, .left = left, .right = right});
	}
	return left;
}

static uint32_t parse_bit_and(struct parser *p)
{
	return parse_chain(p, "&", OP_BIT_AND, parse_unary);
}

static uint32_t parse_bit_or(struct parser *p)
{
	return parse_chain(p, "|", OP_BIT_OR, parse_bit_and);
}

static bool take_comparison(struct parser *p, enum op *ret_op)
{
	static const struct {
		const char *token;
		enum op op;
	} operators[] = {{"==", OP_EQ}, {"!=", OP_NE}, {"<=", OP_LE},
	                 {">=", OP_GE}, {"<", OP_LT},  {">", OP_GT}};

	for (unsigned i = 0; i < G_N_ELEMENTS(operators); i++) {
		if (take(p, operators[i].token)) {
			*ret_op = operators[i].op;
			return true;
		}
	}
	return false;
}

static uint32_t parse_comparison(struct parser *p)
{
	uint32_t left = parse_bit_or(p);
	const char *where;
	uint32_t right;
	enum op op, next;

	where = here(p);
	if (left == NONE || !take_comparison(p, &op))
		return left;
	right = parse_bit_or(p);
	if (right == NONE)
		return NONE;
	if (type_of(p, left) != type_of(p, right))
		return fail_at(p, where,
		               "a status compares with a status, not with a number (a "
		               "register is a number)");
	if (type_of(p, left) == TYPE_STATUS && op != OP_EQ && op != OP_NE)
		return fail_at(p, where, "a status compares with == and != only");
	where = here(p);
	if (take_comparison(p, &next))
		return fail_at(p, where,
		               "comparisons do not chain (join them with && or brackets)");
	return add_node(p, (struct node){.op = op, .left = left, .right = right});
}

static uint32_t parse_and(struct parser *p)
{
	return parse_chain(p, "&&", OP_AND, parse_comparison);
}

static uint32_t parse_or(struct parser *p)
{
	return parse_chain(p, "||", OP_OR, parse_and);
}

static uint32_t parse_all(struct parser *p)
{
	const char *where = here(p);
	uint32_t root = parse_or(p);

	if (root == NONE)
		return NONE;
	skip_space(p);
	if (*p->at == '=')
		return fail_at(p, p->at, "unexpected '=' (a comparison is '==')");
	if (*p->at)
		return fail_at(p, p->at, "unexpected '%.*s' after the expression",
		               (int)(g_utf8_next_char(p->at) - p->at), p->at);
	return need_number(p, where, root);
}

struct sim_expr *sim_expr_compile(const char *text, struct sim_scenario *scenario, GError **error)
{
	struct sim_expr *expr = g_new0(struct sim_expr, 1);
	struct parser p = {
	        .expr = expr, .scenario = scenario, .text = text, .at = text, .error = error};

	expr->root = parse_all(&p);
	if (expr->root != NONE)
		return expr;
	sim_expr_free(expr);
	return NULL;
}

void sim_expr_free(struct sim_expr *expr)
{
	g_free(expr);
}
