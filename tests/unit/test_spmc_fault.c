/* SPDX-License-Identifier: MIT */
/* Faults of the SPMC: the contract of emu/world/spmc_fault.h, and how a scenario writes them. */
#include <string.h>

#include "abi/ffa_decode.h"
#include "sim/scenario/scenario.h"
#include "tests/test.h"
#include "tests/unit/test_spmc.h"

#define MACHINE(faults)                                                                            \
	"{\"about\": \"x\", \"machine\": {\"mediator\": \"m\", \"vms\": {\"vm1\": {}, \"vm2\": "   \
	"{}}, \"sps\": {\"sp1\": {}, \"sp2\": {}}, \"spmc\": {\"profile\": \"full\", \"faults\": " \
	"[" faults "]}}, \"setup\": [{\"vm1.0\": \"FFA_ID_GET\", \"expect\": \"SUCCESS\"}]}"

/* The machine of test_spmc.h with the faults of this text, 1.2 negotiated. */
static void set_up_faults(const char *text)
{
	GError *error = NULL;
	g_autoptr(SimScenario) scenario = sim_scenario_parse(text, strlen(text), "s.json", &error);

	assert_no_error(error);
	set_up_negotiated("full");
	memcpy(machine.config.spmc.faults, scenario->machine.spmc.faults,
	       sizeof machine.config.spmc.faults);
	machine.config.spmc.fault_count = scenario->machine.spmc.fault_count;
	world_begin_phase(&machine, WORLD_PHASE_THREADS);
}

static void assert_answer(struct ffa_regs want)
{
	assert_mem(&answer, &want, sizeof want);
}

/* "RETRY three times, then as ever" */
TEST(spmc_fault, as_often_as_it_says)
{
	set_up_faults(
	        MACHINE("{\"call\": \"FFA_NOTIFICATION_BITMAP_CREATE\", \"answer\": \"RETRY\", "
	                "\"times\": 3}"));
	for (unsigned i = 0; i < 3; i++)
		assert_status(create(1, 1), FFA_RETRY);
	assert_status(create(1, 1), FFA_OK);
	assert_status(create(1, 1), FFA_DENIED);
}

TEST(spmc_fault, for_ever)
{
	set_up_faults(
	        MACHINE("{\"call\": \"FFA_NOTIFICATION_BITMAP_CREATE\", \"answer\": \"BUSY\"}"));
	for (unsigned i = 0; i < 1000; i++)
		assert_status(create(1, 1), FFA_BUSY);
	assert_eq_int(machine.state.spmc.fault_met[0], 0);
}

TEST(spmc_fault, after_so_many)
{
	set_up_faults(
	        MACHINE("{\"call\": \"FFA_SPM_ID_GET\", \"answer\": \"ABORTED\", \"after\": 2, "
	                "\"times\": 1}"));
	assert_status(call(FFA_SPM_ID_GET_32, 0, 0, 0, 0), FFA_OK);
	assert_status(call(FFA_ID_GET_32, 0, 0, 0, 0), FFA_OK);
	assert_status(call(FFA_SPM_ID_GET_32, 0, 0, 0, 0), FFA_OK);
	assert_status(call(FFA_SPM_ID_GET_32, 0, 0, 0, 0), FFA_ABORTED);
	assert_status(call(FFA_SPM_ID_GET_32, 0, 0, 0, 0), FFA_OK);
}

/* One after the other: what an earlier fault takes, a later one does not see. */
TEST(spmc_fault, in_their_order)
{
	set_up_faults(MACHINE("{\"call\": \"FFA_ID_GET\", \"answer\": \"BUSY\", \"times\": 1},"
	                      "{\"call\": \"FFA_ID_GET\", \"answer\": \"RETRY\", \"after\": 1, "
	                      "\"times\": 1},"
	                      "{\"call\": \"*\", \"answer\": \"DENIED\", \"times\": 2}"));
	assert_status(call(FFA_ID_GET_32, 0, 0, 0, 0), FFA_BUSY);
	assert_status(call(FFA_ID_GET_32, 0, 0, 0, 0), FFA_DENIED);
	assert_status(call(FFA_ID_GET_32, 0, 0, 0, 0), FFA_RETRY);
	assert_status(call(FFA_SPM_ID_GET_32, 0, 0, 0, 0), FFA_DENIED);
	assert_status(call(FFA_ID_GET_32, 0, 0, 0, 0), FFA_OK);
}

/* A call that the SPMC does not have, or nobody knows, can meet one as well. */
TEST(spmc_fault, of_a_call_that_is_not_there)
{
	set_up_faults(MACHINE("{\"call\": \"FFA_MEM_SHARE_32\", \"answer\": \"NO_MEMORY\"},"
	                      "{\"call\": \"0x84000000\", \"answer\": {\"x0\": \"0x10001\"}}"));
	assert_status(call(FFA_MEM_SHARE_32, 0, 0, 0, 0), FFA_NO_MEMORY);
	assert_status(call(FFA_MEM_SHARE_64, 0, 0, 0, 0), FFA_NOT_SUPPORTED);
	call(0x84000000, 0, 0, 0, 0);
	assert_answer((struct ffa_regs){{0x10001}});
}

TEST(spmc_fault, both_widths)
{
	set_up_faults(MACHINE("{\"call\": \"FFA_RXTX_MAP\", \"answer\": \"BUSY\"}"));
	assert_status(call(FFA_RXTX_MAP_32, 0, 0, 1, 0), FFA_BUSY);
	assert_status(call(FFA_RXTX_MAP_64, 0, 0, 1, 0), FFA_BUSY);
	set_up_faults(MACHINE("{\"call\": \"FFA_RXTX_MAP_64\", \"answer\": \"BUSY\"}"));
	assert_status(call(FFA_RXTX_MAP_32, 0, 0, 1, 0), FFA_INVALID_PARAMETERS);
	assert_status(call(FFA_RXTX_MAP_64, 0, 0, 1, 0), FFA_BUSY);
}

/* Only for the VM, the SP and the message that it is for. */
TEST(spmc_fault, with_arguments)
{
	set_up_faults(MACHINE(
	        "{\"call\": \"FFA_NOTIFICATION_BITMAP_CREATE\", \"with\": {\"vm\": \"vm2\"}, "
	        "\"answer\": \"BUSY\"},"
	        "{\"call\": \"FFA_MSG_SEND_DIRECT_REQ\", \"with\": {\"receiver\": \"sp1\", \"w2\": "
	        "\"0x80000004\"}, \"answer\": \"ABORTED\"},"
	        "{\"call\": \"*\", \"with\": {\"x5\": \"0x500000001\"}, \"answer\": \"RETRY\"}"));
	assert_status(create(1, 1), FFA_OK);
	assert_status(create(2, 1), FFA_BUSY);
	assert_status(call(FFA_MSG_SEND_DIRECT_REQ_32, 1u << 16 | SP1, 0x80000006, 0, 0),
	              FFA_STATUS_NONE);
	assert_status(call(FFA_MSG_SEND_DIRECT_REQ_32, 1u << 16 | SP1, 0x80000004, 0, 0),
	              FFA_ABORTED);
	assert_status(call_regs(&(struct ffa_regs){{FFA_ID_GET_32, 0, 0, 0, 0, 1}}), FFA_OK);
	assert_status(call_regs(&(struct ffa_regs){{FFA_ID_GET_32, 0, 0, 0, 0, 0x500000001}}),
	              FFA_RETRY);
}

TEST(spmc_fault, during_a_part_of_the_run)
{
	static const int32_t want[WORLD_PHASE_COUNT] = {FFA_BUSY, FFA_OK, FFA_RETRY, FFA_OK,
	                                                FFA_RETRY};

	set_up_faults(
	        MACHINE("{\"call\": \"FFA_ID_GET\", \"answer\": \"BUSY\", \"during\": \"boot\"},"
	                "{\"call\": \"FFA_ID_GET\", \"answer\": \"RETRY\", \"during\": "
	                "[\"setup\", \"take-down\"]}"));
	for (unsigned i = 0; i < WORLD_PHASE_COUNT; i++) {
		world_begin_phase(&machine, (enum world_phase)i);
		assert_status(call(FFA_ID_GET_32, 0, 0, 0, 0), want[i]);
	}
}

/* An answer changes nothing at the SPMC, a changed one has done what it says. */
TEST(spmc_fault, answers_without_serving)
{
	set_up_faults(
	        MACHINE("{\"call\": \"FFA_NOTIFICATION_BITMAP_CREATE\", \"answer\": \"SUCCESS\", "
	                "\"times\": 1},"
	                "{\"call\": \"FFA_NOTIFICATION_BITMAP_CREATE\", \"change\": "
	                "{\"function\": \"FFA_ERROR\", \"status\": \"DENIED\"}, \"times\": 1}"));
	assert_status(create(1, 1), FFA_OK);
	assert_answer((struct ffa_regs){{FFA_SUCCESS_32}});
	assert_eq_int(world_spmc_bitmaps(&machine), 0);
	assert_status(create(1, 1), FFA_DENIED);
	assert_eq_int(world_spmc_bitmaps(&machine), 1);
}

static const struct {
	const char *name, *fault;
	struct ffa_regs in, want;
} answers[] = {
        {"success-of-the-calls-width",
         "\"call\": \"FFA_PARTITION_INFO_GET_REGS\", \"answer\": "
         "\"SUCCESS\"",
         {{FFA_PARTITION_INFO_GET_REGS_64}},
         {{FFA_SUCCESS_64}}},
        {"success-of-the-other-width",
         "\"call\": \"FFA_ID_GET\", \"change\": {\"function\": \"FFA_SUCCESS_64\"}",
         {{FFA_ID_GET_32}},
         {{FFA_SUCCESS_64}}},
        {"result-field",
         "\"call\": \"FFA_ID_GET\", \"answer\": {\"id\": \"sp2\"}",
         {{FFA_ID_GET_32}},
         {{FFA_SUCCESS_32, 0, 0x8002}}},
        {"wide-field",
         "\"call\": \"FFA_NOTIFICATION_GET\", \"answer\": {\"sp_bitmap\": \"0x500000003\"}",
         {{FFA_NOTIFICATION_GET_32, 1, 1}},
         {{FFA_SUCCESS_32, 0, 3, 5}}},
        {"another-function",
         "\"call\": \"FFA_RUN\", \"answer\": {\"function\": \"FFA_INTERRUPT\", "
         "\"w1\": \"0x80010000\", \"w2\": 34}",
         {{FFA_RUN_32, 0x80010000}},
         {{FFA_INTERRUPT_32, 0x80010000, 34}}},
        {"error-with-target",
         "\"call\": \"FFA_RUN\", \"answer\": {\"function\": \"FFA_ERROR\", \"status\": "
         "\"BUSY\", \"target\": \"0x80010002\"}",
         {{FFA_RUN_32, 0x80010000}},
         {{FFA_ERROR_32, 0x80010002, (uint32_t)FFA_BUSY}}},
        {"one-register",
         "\"call\": \"FFA_SPM_ID_GET\", \"change\": {\"x7\": \"0x700000000\"}",
         {{FFA_SPM_ID_GET_32}},
         {{FFA_SUCCESS_32, 0, 0x8000, 0, 0, 0, 0, 0x700000000}}},
        {"low-half",
         "\"call\": \"FFA_SPM_ID_GET\", \"change\": {\"w2\": 1}",
         {{FFA_SPM_ID_GET_32}},
         {{FFA_SUCCESS_32, 0, 1}}},
        {"version",
         "\"call\": \"FFA_VERSION\", \"answer\": {\"version\": \"1.0\"}",
         {{FFA_VERSION_32, FFA_VERSION_1_2}},
         {{FFA_VERSION_1_0}}},
        {"no-version",
         "\"call\": \"FFA_VERSION\", \"answer\": \"NOT_SUPPORTED\"",
         {{FFA_VERSION_32, FFA_VERSION_1_2}},
         {{0xffffffff}}},
        {"own-version",
         "\"call\": \"*\", \"answer\": \"SUCCESS\"",
         {{FFA_VERSION_32, FFA_VERSION_1_0}},
         {{FFA_VERSION_1_2}}},
        /* spmc 1.8: 20 ids, four to a register */
        {"twenty-ids",
         "\"call\": \"FFA_NOTIFICATION_INFO_GET_64\", \"answer\": {\"endpoints\": [[\"vm1\", 0, 1, "
         "2], [\"vm2\", 3], [\"sp1\"], [32752, 1, 2], [1, 7, 8, 9], [2, 7, 8, 9], [3, 4]], "
         "\"more\": 1}",
         {{FFA_NOTIFICATION_INFO_GET_64}},
         {{FFA_SUCCESS_64, 0,
           1 | 7 << 7 | 3 << 12 | 1 << 14 | 2 << 18 | 3 << 20 | 3 << 22 | 1 << 24,
           0x0002000100000001, 0x7ff0800100030002, 0x0007000100020001, 0x0007000200090008,
           0x0004000300090008}}},
        /* 10 ids, two to a register */
        {"ten-ids",
         "\"call\": \"FFA_NOTIFICATION_INFO_GET_64\", \"answer\": {\"function\": "
         "\"FFA_SUCCESS_32\", \"endpoints\": [[\"vm1\", 0, 1, 2], [\"vm2\", 3], [\"sp1\"], [3, 0, "
         "1]]}",
         {{FFA_NOTIFICATION_INFO_GET_64}},
         {{FFA_SUCCESS_32, 0, 4 << 7 | 3 << 12 | 1 << 14 | 2 << 18, 0x1, 0x20001, 0x30002, 0x38001,
           0x10000}}},
        {"announces-more-than-it-has",
         "\"call\": \"FFA_NOTIFICATION_INFO_GET_32\", \"answer\": {\"endpoints\": [[\"vm1\"]], "
         "\"lists\": 3}",
         {{FFA_NOTIFICATION_INFO_GET_32}},
         {{FFA_SUCCESS_32, 0, 3 << 7, 1}}},
        {"behaviour",
         "\"call\": \"FFA_ID_GET\", \"behaviour\": {\"lie-id\": \"sp\"}",
         {{FFA_ID_GET_32}},
         {{FFA_SUCCESS_32, 0, 0x8001}}},
        {"two-behaviours",
         "\"call\": \"*\", \"behaviour\": {\"lie-error\": \"zero\", \"bind-flags\": \"denied\"}",
         {{FFA_NOTIFICATION_BIND_32, SP1 << 16 | 1, 1, 1}},
         {{FFA_ERROR_32}}},
};

TEST_EACH(spmc_fault, answer, answers)
{
	g_autofree char *text = g_strdup_printf(MACHINE("{%s}"), c->fault);

	set_up_faults(text);
	call_regs(&c->in);
	assert_answer(c->want);
}

/* The behaviour of the next call is the SPMC's own again. */
TEST(spmc_fault, behaviour_of_one_call)
{
	set_up_faults(MACHINE("{\"call\": \"FFA_ID_GET\", \"behaviour\": {\"lie-id\": \"vm\"}, "
	                      "\"times\": 1}"));
	call(FFA_ID_GET_32, 0, 0, 0, 0);
	assert_answer((struct ffa_regs){{FFA_SUCCESS_32, 0, 0x7ffe}});
	call(FFA_ID_GET_32, 0, 0, 0, 0);
	assert_answer((struct ffa_regs){{FFA_SUCCESS_32}});
}

/* A machine without an SPMC has none that could fail. */
TEST(spmc_fault, none_without_an_spmc)
{
	set_up_faults(MACHINE("{\"call\": \"*\", \"answer\": \"BUSY\"}"));
	machine.config.spmc.present = false;
	call(FFA_ID_GET_32, 0, 0, 0, 0);
	assert_answer((struct ffa_regs){{0xffffffff}});
}

static const struct {
	const char *name, *text, *message;
} wrong[] = {
        {"call", MACHINE("{\"call\": \"FFA_RUNS\", \"answer\": \"BUSY\"}"),
         "/machine/spmc/faults/0/call: unknown call 'FFA_RUNS' (did you mean 'FFA_RUN'?)"},
        {"no-call", MACHINE("{\"answer\": \"BUSY\"}"), "missing key 'call'"},
        {"nothing", MACHINE("{\"call\": \"FFA_RUN\"}"),
         "/machine/spmc/faults/0: nothing goes wrong: one of 'answer', 'change' and 'behaviour'"},
        {"two-kinds",
         MACHINE("{\"call\": \"FFA_RUN\", \"change\": {\"x1\": 1}, \"answer\": \"BUSY\"}"),
         "/machine/spmc/faults/0/change: a fault has one of"},
        {"status", MACHINE("{\"call\": \"FFA_RUN\", \"answer\": \"BUZY\"}"),
         "unknown status 'BUZY'"},
        {"version-status", MACHINE("{\"call\": \"FFA_VERSION\", \"answer\": \"BUSY\"}"),
         "FFA_VERSION answers with a version or NOT_SUPPORTED"},
        {"empty-answer", MACHINE("{\"call\": \"FFA_RUN\", \"answer\": {}}"),
         "no register is given"},
        {"empty-behaviour", MACHINE("{\"call\": \"FFA_RUN\", \"behaviour\": {}}"),
         "no behaviour is given"},
        {"behaviour", MACHINE("{\"call\": \"FFA_RUN\", \"behaviour\": {\"lie-ids\": \"vm\"}}"),
         "unknown key 'lie-ids' (did you mean 'lie-id'?)"},
        {"result", MACHINE("{\"call\": \"FFA_ID_GET\", \"answer\": {\"ids\": 1}}"),
         "/answer/ids: unknown key 'ids': FFA_ID_GET has no such result (did you mean 'id'?)"},
        {"argument",
         MACHINE("{\"call\": \"FFA_NOTIFICATION_GET\", \"with\": {\"sp_bitmap\": 1}, "
                 "\"answer\": \"BUSY\"}"),
         "FFA_NOTIFICATION_GET has no such argument"},
        {"field-of-any",
         MACHINE("{\"call\": \"*\", \"with\": {\"receiver\": 1}, \"answer\": "
                 "\"BUSY\"}"),
         "registers x0 to x17 and w0 to w17 alone"},
        {"width", MACHINE("{\"call\": \"FFA_ID_GET\", \"answer\": {\"w2\": \"0x100000000\"}}"),
         "does not fit in 'w2'"},
        {"during", MACHINE("{\"call\": \"FFA_RUN\", \"answer\": \"BUSY\", \"during\": \"start\"}"),
         "'start' is not a part of a run: there is 'boot', 'create', 'setup', 'threads', "
         "'take-down'"},
        {"times", MACHINE("{\"call\": \"FFA_RUN\", \"answer\": \"BUSY\", \"times\": 0}"),
         "0 is out of range"},
        {"after", MACHINE("{\"call\": \"FFA_RUN\", \"answer\": \"BUSY\", \"after\": 256}"),
         "256 is out of range"},
};

TEST_EACH(spmc_fault, wrong_fault, wrong)
{
	g_autoptr(GError) error = NULL;

	assert_null(sim_scenario_parse(c->text, strlen(c->text), "s.json", &error));
	assert_contains(error->message, c->message);
}

static const struct {
	const char *name, *fault, *message;
} wrong_lists[] = {
        {"21-ids",
         "\"call\": \"FFA_NOTIFICATION_INFO_GET_64\", \"answer\": {\"endpoints\": [[1, 1, 2, 3], [1, "
         "1, 2, 3], [1, 1, 2, 3], [1, 1, 2, 3], [1, 1, 2, 3], [1]]}",
         "/answer/endpoints/5/0: an answer of this width has room for 20 ids"},
        {"11-ids",
         "\"call\": \"FFA_NOTIFICATION_INFO_GET_32\", \"answer\": {\"endpoints\": [[1, 1, 2, 3], [1, "
         "1, 2, 3], [1, 1, 2]]}",
         "/answer/endpoints/2/2: an answer of this width has room for 10 ids"},
        {"no-width", "\"call\": \"FFA_NOTIFICATION_INFO_GET\", \"answer\": {\"endpoints\": [[1]]}",
         "name FFA_NOTIFICATION_INFO_GET_32 or _64"},
        {"other-call", "\"call\": \"FFA_NOTIFICATION_GET\", \"answer\": {\"endpoints\": [[1]]}",
         "'endpoints' goes with a success of FFA_NOTIFICATION_INFO_GET"},
        {"other-function",
         "\"call\": \"FFA_NOTIFICATION_INFO_GET_64\", \"answer\": {\"function\": \"FFA_YIELD\", "
         "\"endpoints\": [[1]]}",
         "'endpoints' goes with a success of FFA_NOTIFICATION_INFO_GET"},
        {"vcpu-name",
         "\"call\": \"FFA_NOTIFICATION_INFO_GET_64\", \"answer\": {\"endpoints\": [[\"vm1\", "
         "\"vm2\"]]}",
         "/answer/endpoints/0/1: behind the endpoint come numbers of its vCPUs"},
        {"five-ids",
         "\"call\": \"FFA_NOTIFICATION_INFO_GET_64\", \"answer\": {\"endpoints\": [[1, 0, 1, 2, "
         "3]]}",
         "5 ids are more than the limit of 4"},
        {"no-endpoint",
         "\"call\": \"FFA_NOTIFICATION_INFO_GET_64\", \"answer\": {\"endpoints\": [[\"vm9\"]]}",
         "unknown endpoint 'vm9'"},
};

TEST_EACH(spmc_fault, wrong_list, wrong_lists)
{
	g_autofree char *text = g_strdup_printf(MACHINE("{%s}"), c->fault);
	g_autoptr(GError) error = NULL;

	assert_null(sim_scenario_parse(text, strlen(text), "s.json", &error));
	assert_contains(error->message, c->message);
}

TEST(spmc_fault, too_many)
{
	g_autoptr(GString) faults = g_string_new(NULL);
	g_autofree char *text = NULL;
	g_autoptr(GError) error = NULL;

	for (unsigned i = 0; i <= WORLD_MAX_FAULTS; i++)
		g_string_append_printf(faults, "%s{\"call\": \"*\", \"answer\": \"BUSY\"}",
		                       i ? ", " : "");
	text = g_strdup_printf(MACHINE("%s"), faults->str);
	assert_null(sim_scenario_parse(text, strlen(text), "s.json", &error));
	assert_contains(error->message, "17 faults are more than the limit of 16");
}
