/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "abi/ffa_decode.h"
#include "sim/scenario/expr.h"
#include "tests/test.h"

/* A scenario with a label of every kind; the terms get the values in answer(). */
static const char text[] =
        "{\"about\": \"x\", \"machine\": {\"mediator\": \"m\", \"vms\": {\"vm1\": {}, \"vm2\": {}, "
        "  \"vm3\": {}},"
        "  \"sps\": {\"sp1\": {}, \"sp2\": {\"id\": \"0x8123\"}}},"
        " \"threads\": {\"vm1.0\": [{\"call\": \"FFA_NOTIFICATION_GET\", \"receiver\": \"vm1\","
        "   \"as\": \"get\"},"
        "  {\"call\": \"FFA_VERSION\", \"version\": \"1.2\", \"as\": \"version\"},"
        "  {\"call\": \"FFA_ID_GET\", \"as\": \"late\"},"
        "  {\"call\": \"FFA_NOTIFICATION_GET\", \"receiver\": \"vm1\", \"as\": \"failed\"},"
        "  {\"call\": \"FFA_RUN\", \"as\": \"ran\"}, {\"take\": \"NPI\", \"as\": \"took\"}],"
        "  \"host\": [{\"do\": \"create-vm\", \"vm\": \"vm2\", \"as\": \"make\"},"
        "   {\"do\": \"destroy-vm\", \"vm\": \"vm2\", \"as\": \"kill\"}]},"
        " \"outcomes\": {\"always\": [\"1\"]}}";

static struct sim_scenario *scenario(void)
{
	GError *error = NULL;
	struct sim_scenario *loaded = sim_scenario_parse(text, strlen(text), "f.json", &error);

	assert_no_error(error);
	return loaded;
}

/* One for each width; 10 more to sp2, 100 more for VM_DESTROYED. */
static uint64_t counted(const struct sim_counter *counter)
{
	return (uint64_t)(counter->fids[0] != 0) + (counter->fids[1] != 0) +
	       (counter->receiver.v == 0x8123 ? 10 : 0) + (counter->flags == 0x80000006 ? 100 : 0);
}

/*
 * get answered SUCCESS with vm_bitmap 0x500000001; version 1.2; make DENIED; took is done;
 * kill and late have not run; failed answered RETRY, ran FFA_INTERRUPT. vm3 cannot be asked. vm1:
 * 0xff pending, 2 NPIs, 1 on line; vm2: nothing. What is counted: see counted().
 */
static enum sim_expr_known answer(void *user, const struct sim_expr_term *term, uint64_t *ret_value)
{
	const struct sim_scenario *s = user;
	const char *label = s->labels[term->label].name;
	bool done = strcmp(label, "late") != 0 && strcmp(label, "kill") != 0;
	enum sim_expr_known ran = done ? SIM_EXPR_KNOWN : SIM_EXPR_NOT_RUN;

	switch (term->query) {
	case SIM_QUERY_STATUS:
		*ret_value = strcmp(label, "make") == 0     ? (uint64_t)(int64_t)FFA_DENIED
		             : strcmp(label, "failed") == 0 ? (uint64_t)(int64_t)FFA_RETRY
		             : strcmp(label, "ran") == 0    ? 0x62
		                                            : 0;
		return ran;
	case SIM_QUERY_FIELD:
		*ret_value = strcmp(term->field->name, "vm_bitmap") == 0 ? 0x500000001 : 0x10002;
		return strcmp(label, "failed") == 0 ? SIM_EXPR_UNDEFINED : ran;
	case SIM_QUERY_REG:
		*ret_value = term->word ? term->reg : 0xffffffff00000000u + term->reg;
		return ran;
	case SIM_QUERY_DONE:
		*ret_value = done;
		return SIM_EXPR_KNOWN;
	case SIM_QUERY_PENDING:
		*ret_value = term->vm == 0 ? 0xff : 0;
		return term->vm == 2 ? SIM_EXPR_NO_ANSWER : SIM_EXPR_KNOWN;
	case SIM_QUERY_NPI:
		*ret_value = term->vm == 0 ? 2 : 0;
		return SIM_EXPR_KNOWN;
	case SIM_QUERY_COUNT:
		*ret_value = counted(&s->counters[term->counter]);
		return SIM_EXPR_KNOWN;
	case SIM_QUERY_ONLINE:
	default:
		*ret_value = term->vm == 0;
		return SIM_EXPR_KNOWN;
	}
}

enum result { NO, YES, NO_VALUE, UNDEFINED, NO_ANSWER };

static const struct {
	const char *name;
	const char *text;
	enum result want;
} values[] = {
        {"number", "1", YES},
        {"zero", "0", NO},
        {"hexadecimal", "0xFfffFFFFffffffff == 18446744073709551615", YES},
        {"equal", "7 == 7", YES},
        {"not-equal", "7 != 7", NO},
        {"less", "1 < 2", YES},
        {"less-equal", "2 <= 2", YES},
        {"greater", "2 > 2", NO},
        {"greater-equal", "2 >= 3", NO},
        {"unsigned", "-1 > 1", YES},
        {"invert", "~0 == -1", YES},
        {"not", "!0 && !!5 == 1", YES},
        {"minus-minus", "--3 == 3", YES},
        {"bit-or", "(1 | 6) == 7", YES},
        {"bit-and", "(3 & 6) == 2", YES},
        {"or-below-and", "1 || 0 && 0", YES},
        {"brackets", "(1 || 0) && 0", NO},
        {"bit-and-over-bit-or", "(1 | 2 & 0) == 1", YES},
        {"comparison-over-and", "1 == 1 && 2 == 2", YES},
        {"bits-over-comparison", "1 & 3 == 1", YES},
        {"unary-over-bits", "~1 & 1 == 0", YES},
        {"no-spaces", "1==1&&2!=3||0", YES},
        {"and-is-truth", "(2 && 4) == 1", YES},
        {"status-yes", "get == SUCCESS", YES},
        {"status-no", "make == SUCCESS", NO},
        {"status-negative", "make == DENIED", YES},
        {"status-not", "make != NO_MEMORY", YES},
        {"status-of-both", "get == make", NO},
        {"status-as-field", "make.status == DENIED", YES},
        {"field", "get.vm_bitmap == 0x500000001", YES},
        {"field-bit", "get.vm_bitmap & 1", YES},
        {"version", "version.version == 0x10002", YES},
        {"word-register", "get.w17 == 17", YES},
        {"register", "get.x3 == 0xffffffff00000003", YES},
        {"pending", "pending(vm1) == 0xff && pending( vm2 ) == 0", YES},
        {"npi", "npi(vm1) == 2 && !npi(vm2)", YES},
        {"online", "online(vm1) > online(vm2)", YES},
        {"done", "done(get) && done(took) && !done(late) && !done(kill)", YES},
        {"smcs", "smcs(FFA_RUN) == 1 && smcs(FFA_NOTIFICATION_INFO_GET_64) == 1", YES},
        {"smcs-of-both-widths", "smcs( FFA_NOTIFICATION_INFO_GET ) == 2", YES},
        {"messages", "vm_created(sp1) == 1 && vm_created(sp2) == 11", YES},
        {"messages-of-the-end", "vm_destroyed(sp1) == 101 && vm_destroyed(sp2) == 111", YES},
        {"not-run", "late == SUCCESS", NO_VALUE},
        {"not-run-on-the-right", "1 && late == SUCCESS", NO_VALUE},
        {"guarded", "done(late) && late == SUCCESS", NO},
        {"guarded-or", "!done(late) || late == SUCCESS", YES},
        {"not-run-under-not", "!(late == DENIED)", NO_VALUE},
        {"not-run-first", "late == SUCCESS || 1", NO_VALUE},
        {"function", "ran == INTERRUPT && ran != YIELD && ran.status == INTERRUPT", YES},
        {"other-function", "ran == DIRECT_RESP || ran == DIRECT_RESP2 || ran == MSG_WAIT", NO},
        {"function-is-no-status", "ran == SUCCESS || ran == INTERRUPTED || ran == UNKNOWN", NO},
        {"undefined", "failed.vm_bitmap == 0", UNDEFINED},
        {"undefined-differs", "failed.vm_bitmap != 1", UNDEFINED},
        {"undefined-under-not", "!(failed.sp_bitmap & 1)", UNDEFINED},
        {"undefined-guarded", "failed == SUCCESS && failed.vm_bitmap == 1", NO},
        {"undefined-guarded-or", "failed == RETRY || failed.vm_bitmap == 1", YES},
        {"undefined-first", "failed.vm_bitmap == 1 || failed == RETRY", UNDEFINED},
        {"undefined-in-a-register", "failed.x2 == 0xffffffff00000002", YES},
        {"no-answer", "pending(vm3) == 0", NO_ANSWER},
        {"first-without-a-value", "pending(vm3) == late.x2", NO_ANSWER},
        {"spaces", " \t1 ==\n1 ", YES},
};

TEST_EACH(expr, value, values)
{
	g_autoptr(SimScenario) s = scenario();
	GError *error = NULL;
	struct sim_expr *expr = sim_expr_compile(c->text, s, &error);
	static const enum sim_expr_known want[] = {[NO_VALUE] = SIM_EXPR_NOT_RUN,
	                                           [UNDEFINED] = SIM_EXPR_UNDEFINED,
	                                           [NO_ANSWER] = SIM_EXPR_NO_ANSWER};
	enum sim_expr_known known;
	bool value;

	assert_no_error(error);
	value = sim_expr_eval(expr, answer, s, &known);
	assert_eq_int(known, want[c->want]);
	assert_eq_int(value, c->want == YES);
	sim_expr_free(expr);
}

static const struct {
	const char *name;
	const char *text; /* '@' marks the column, counted in characters */
	const char *message;
} errors[] = {
        {"empty", "@", "the expression ends where a value is expected"},
        {"only-space", "  @", "ends where a value"},
        {"cut", "1 &&@", "ends where a value"},
        {"cut-bracket", "(1@", "expected ')' for the '(' at column 1"},
        {"extra-bracket", "1@)", "unexpected ')'"},
        {"two-values", "1 @2", "unexpected '2' after"},
        {"one-equals", "get @= SUCCESS", "a comparison is '=='"},
        {"one-pipe", "1 | @| 2", "unexpected '|'"},
        {"letter", "1 == @$", "unexpected '$'"},
        {"character", "1 == @\xc3\xa9", "unexpected '\xc3\xa9'"},
        {"chain", "1 == 1 @== 1", "comparisons do not chain"},
        {"number-letters", "1 == @12ab", "'12ab' is not a number"},
        {"number-huge", "@18446744073709551616 == 1", "at most 64 bits"},
        {"number-hex-empty", "@0x == 1", "'0x' is not a number"},
        {"number-hex-huge", "@0x10000000000000000 == 1", "at most 64 bits"},
        {"number-leading-zero", "@010 == 8", "leading zero"},
        /* the place is that of what stands there instead */
        {"label-unknown", "1 && @gett == SUCCESS", "unknown name 'gett'"},
        {"label-hint", "@gett == SUCCESS", "(did you mean 'get'?)"},
        {"status-hint", "get == @DENYED", "(did you mean 'DENIED'?)"},
        {"function-hint", "get == @INTERUPT", "(did you mean 'INTERRUPT'?)"},
        {"function-long", "get == @FFA_YIELD", "a function that ends a call is written 'YIELD'"},
        {"function-with-number", "ran @== 0x62", "a status compares with a status"},
        {"field-unknown", "get.@vm_bitmaps == 1",
         "FFA_NOTIFICATION_GET has no result 'vm_bitmaps' "
         "(did you mean 'vm_bitmap'?)"},
        {"field-missing", "get. @== 1", "expected a field after 'get.'"},
        {"field-of-take", "took.@vm_bitmap == 1", "step 'took' has no field"},
        {"register-18", "get.@x18 == 1", "no result 'x18'"},
        {"status-of-take", "@took == SUCCESS", "answers with no status (there is done(took))"},
        {"status-of-destroy", "@kill == SUCCESS", "answers with no status"},
        {"status-of-version", "@version == SUCCESS", "answers with no status"},
        {"status-alone", "@get", "a status is not a number or a truth value"},
        {"status-negated", "!@get", "a status is not"},
        {"status-and", "1 && @get", "a status is not"},
        {"status-masked", "1 == (1 & @get)", "a status is not"},
        {"status-order", "get @< SUCCESS", "== and != only"},
        {"status-with-number", "get @== 0", "a status compares with a status"},
        {"register-with-status", "get.w2 @== DENIED", "a register is a number"},
        {"function-without-brackets", "pending @== 1", "expected '(' after 'pending'"},
        {"function-empty", "pending(@) == 1", "expected a name"},
        {"function-open", "pending(vm1 @== 1", "expected ')' after 'vm1'"},
        {"vm-unknown", "npi(@vm4)", "unknown VM 'vm4' (did you mean 'vm1'?)"},
        {"smcs-unknown", "smcs(@FFA_RUNS)", "unknown call 'FFA_RUNS' (did you mean 'FFA_RUN'?)"},
        {"smcs-of-sp", "smcs(@sp1) == 1", "unknown call 'sp1'"},
        {"smcs-open", "smcs(FFA_RUN @== 1", "expected ')' after 'FFA_RUN'"},
        {"sp-unknown", "vm_created(@sp3)", "unknown SP 'sp3' (did you mean 'sp1'?)"},
        {"sp-is-vm", "vm_destroyed(@vm1)", "unknown SP 'vm1'"},
        {"done-unknown", "done(@gat)", "unknown label 'gat' (did you mean 'get'?)"},
        {"done-of-vm", "done(@vm1)", "unknown label 'vm1'"},
};

TEST_EACH(expr, error, errors)
{
	g_autoptr(SimScenario) s = scenario();
	g_autoptr(GString) marked = g_string_new(c->text);
	g_autoptr(GError) error = NULL;
	const char *mark = strchr(marked->str, '@');
	g_autofree char *column =
	        g_strdup_printf("column %ld: ", g_utf8_pointer_to_offset(marked->str, mark) + 1);

	g_string_erase(marked, mark - marked->str, 1);
	assert_null(sim_expr_compile(marked->str, s, &error));
	assert_true(g_error_matches(error, SIM_ERROR, SIM_ERROR_SCHEMA));
	assert_contains(error->message, c->message);
	if (!g_str_has_prefix(error->message, column))
		fail_test("'%s' does not begin with '%s'", error->message, column);
}

static bool compiles(struct sim_scenario *s, const char *expression, const char *message)
{
	g_autoptr(GError) error = NULL;
	struct sim_expr *expr = sim_expr_compile(expression, s, &error);
	bool ok = expr != NULL;

	if (!ok)
		assert_contains(error->message, message);
	sim_expr_free(expr);
	return ok;
}

TEST(expr, depth_limit)
{
	g_autoptr(SimScenario) s = scenario();
	g_autoptr(GString) most = g_string_new("1");

	for (unsigned i = 1; i < SIM_EXPR_MAX_DEPTH; i++) {
		g_string_prepend_c(most, '(');
		g_string_append_c(most, ')');
	}
	assert_true(compiles(s, most->str, ""));
	g_string_prepend_c(most, '!');
	assert_false(compiles(s, most->str, "nested deeper than 16 levels"));
}

TEST(expr, a_million_brackets)
{
	g_autoptr(SimScenario) s = scenario();
	g_autofree char *brackets = g_strnfill(1000000, '(');
	g_autofree char *minuses = g_strnfill(1000000, '-');

	assert_false(compiles(s, brackets, "nested deeper"));
	assert_false(compiles(s, minuses, "nested deeper"));
}

TEST(expr, term_limit)
{
	g_autoptr(SimScenario) s = scenario();
	g_autoptr(GString) most = g_string_new("1");

	/* 18 + 18 registers of two labels as x and as w: 72 terms, one more than fits at 65 */
	for (unsigned i = 0; i < SIM_EXPR_MAX_TERMS; i++)
		g_string_append_printf(most, " && %s.%c%u", i < 36 ? "get" : "late",
		                       i % 36 < 18 ? 'x' : 'w', i % 18);
	g_string_append(most, " && get.x0 && get.x0"); /* the same term is no new one */
	assert_true(compiles(s, most->str, ""));
	g_string_append(most, " && pending(vm1)");
	assert_false(compiles(s, most->str, "more than 64 terms"));
}

TEST(expr, counter_limit)
{
	g_autoptr(SimScenario) s = scenario();
	g_autoptr(GString) most = g_string_new("1");

	for (unsigned i = 0; i < SIM_MAX_COUNTERS; i++)
		g_string_append_printf(most, " && smcs(%s)", ffa_call_at(i)->name);
	assert_true(compiles(s, most->str, ""));
	assert_eq_u64(s->counter_count, SIM_MAX_COUNTERS);
	assert_true(compiles(s, most->str, "")); /* what is counted already is counted once */
	assert_false(compiles(s, "vm_created(sp1)", "count more than 16 things"));
}

TEST(expr, length_limit)
{
	g_autoptr(SimScenario) s = scenario();
	g_autoptr(GString) most = g_string_new("1");

	for (unsigned i = 0; i < 100000; i++)
		g_string_append(most, "|1");
	assert_false(compiles(s, most->str, "more than 512 parts"));
}

TEST(expr, explain)
{
	g_autoptr(SimScenario) s = scenario();
	GError *error = NULL;
	struct sim_expr *expr = sim_expr_compile(
	        "make == DENIED && get.vm_bitmap == 1 && make != SUCCESS && pending(vm1) && npi(vm1) "
	        "&& online(vm2) == 0 && done(late) && late == SUCCESS && get.w17 && get.x2 == 1 "
	        "&& smcs(FFA_RUN) && vm_destroyed(sp2) && ran == YIELD && failed.sp_bitmap && "
	        "pending(vm3)",
	        s, &error);
	g_autofree char *got = NULL;

	assert_no_error(error);
	got = sim_expr_explain(expr, s, answer, s);
	assert_str(got,
	           "make=DENIED get.vm_bitmap=0x500000001 pending(vm1)=0xff npi(vm1)=2 "
	           "online(vm2)=0 done(late)=0 late=(did not run) get.w17=0x11 "
	           "get.x2=0xffffffff00000002 smcs(FFA_RUN)=1 vm_destroyed(sp2)=111 ran=INTERRUPT "
	           "failed.sp_bitmap=undefined (failed=RETRY) pending(vm3)=(no answer)");
	sim_expr_free(expr);
}

TEST(expr, hostile_text)
{
	static const char alphabet[] =
	        "get.vm_bitmap pending(vm1)SUCCESS&&||==!=<>~-|&()0x129 \xc3";
	g_autoptr(SimScenario) s = scenario();
	uint32_t state = 3;

	for (unsigned i = 0; i < 20000; i++) {
		char buffer[24] = "";
		g_autoptr(GError) error = NULL;
		struct sim_expr *expr;

		for (unsigned at = 0; at < sizeof(buffer) - 1; at++) {
			state = state * 1664525u + 1013904223u;
			buffer[at] = alphabet[(state >> 8) % (sizeof(alphabet) - 2)];
		}
		expr = sim_expr_compile(buffer, s, &error);
		assert_true((expr != NULL) != (error != NULL));
		sim_expr_free(expr);
	}
}
