/* SPDX-License-Identifier: MIT */
/*
 * The expressions of "outcomes": integers and comparisons over what a run left.
 *
 *   set == SUCCESS && unbind == SUCCESS && pending(vm1) == 0
 *   get.vm_bitmap == 0x1 || !(npi(vm2) > 0)
 *   request == DIRECT_RESP || request == INTERRUPT
 *
 * Grammar: || over && over comparison (== != < <= > >=) over | over & over unary (! ~ -) over
 * primary: number (decimal or 0x), status name (SUCCESS, DENIED...; INTERRUPT,
 * YIELD, DIRECT_RESP...: the function that answered, see ffa_code_name()), label (the
 * status its step answered), label.field (a result field or xN/wN), a function such
 * as pending(vm) or smcs(FFA_X) (enum sim_expr_query has them all), (expr). Values are 64-bit;
 * comparisons of < are unsigned except that a status is sign-extended and compared for equality
 * only.
 *
 * A label whose step did not run makes the expression an error at run time; see done(label). So
 * does a result field of a call that did not succeed: it is undefined, whatever the register holds
 * (which can be asked for as xN). && and || do not look at what cannot change the answer.
 */
#ifndef SIM_SCENARIO_EXPR_H
#define SIM_SCENARIO_EXPR_H

#include "sim/scenario/scenario.h"

#define SIM_EXPR_MAX_TERMS 64u
#define SIM_EXPR_MAX_DEPTH 16u

enum sim_expr_query {
	SIM_QUERY_STATUS,  /* label: the signed status it answered, or what else: ffa_answer_code()
	                    */
	SIM_QUERY_FIELD,   /* label, field */
	SIM_QUERY_REG,     /* label, register, word */
	SIM_QUERY_DONE,    /* label: 1 if its step has returned */
	SIM_QUERY_PENDING, /* vm: what a GET of its VM and hypervisor bits would return now */
	SIM_QUERY_NPI,     /* vm: notification pending interrupts accepted since the set-up */
	SIM_QUERY_ONLINE,  /* vm: number of vCPUs on line */
	/*
	 * counter: SMCs since the set-up. smcs(call): all of it, of both widths if the name has no
	 * suffix; vm_created(sp), vm_destroyed(sp): these messages to the SP.
	 */
	SIM_QUERY_COUNT,
};

struct sim_expr_term {
	enum sim_expr_query query;
	unsigned label;
	unsigned vm;
	unsigned counter; /* of the scenario */
	const struct ffa_field *field;
	uint8_t reg;
	bool word;
};

/* Whether a term has a value. */
enum sim_expr_known {
	SIM_EXPR_KNOWN,
	SIM_EXPR_NOT_RUN,   /* its step did not */
	SIM_EXPR_UNDEFINED, /* a result of a call that did not succeed */
	SIM_EXPR_NO_ANSWER, /* the mediator cannot be asked: the VM is not there, or the call fails
	                     */
};

/* Answers a term; its value only if it is known. */
typedef enum sim_expr_known sim_expr_resolve(void *user, const struct sim_expr_term *term,
                                             uint64_t *ret_value);

/* Whether outcomes have a function of this name, so that no label can have it. */
bool sim_expr_is_function(const char *name);

/*
 * Compiles text. scenario gives the names and gets the counters that the text asks for. Errors are
 * SIM_ERROR_SCHEMA with the column within the text and a suggestion for an unknown name. Freed with
 * sim_expr_free.
 */
struct sim_expr *sim_expr_compile(const char *text, struct sim_scenario *scenario, GError **error);
void sim_expr_free(struct sim_expr *expr);

/* Evaluates; *ret_known is that of the first term without a value. */
bool sim_expr_eval(const struct sim_expr *expr, sim_expr_resolve *resolve, void *user,
                   enum sim_expr_known *ret_known);

/*
 * "set=SUCCESS pending(vm1)=0x1 get.sp_bitmap=undefined (get=RETRY)": every distinct term with its
 * value, for messages. Caller frees.
 */
char *sim_expr_explain(const struct sim_expr *expr, const struct sim_scenario *scenario,
                       sim_expr_resolve *resolve, void *user);

#endif
