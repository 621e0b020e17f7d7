/* SPDX-License-Identifier: MIT */
/* Scenario files that are right: every property arrives where the engine looks for it. */
#include <json-c/json.h>
#include <string.h>

#include "abi/ffa_decode.h"
#include "sim/scenario/json.h"
#include "sim/run.h"
#include "sim/scenario/scenario.h"
#include "sim/scenario/suggest.h"
#include "tests/test.h"

static const char everything[] =
        "{ \"$schema\": \"../schema/scenario.json\",\n"
        "  \"about\": \"all of it\",\n"
        "  \"detects\": [\"no-lock\", \"late-npi\"],\n"
        "  \"skip\": \"not today\",\n"
        "  \"known-failing\": \"a reason\",\n"
        "  \"outcomes\": { \"sometimes\": [\"set == DENIED\"],\n"
        "    \"never\": [\"online(vm2) == 7\", \"done(make)\"], \"always\": [\"npi(big) <= 1\"] },\n"
        "  \"schedules\": {\n"
        "    \"z\": [ {\"run\": \"vm2.0\", \"until\": {\"lock\": \"notif[big]\"}, \"times\": 3},\n"
        "           {\"run\": \"vm2.0\", \"until\": {\"unlock\": \"vms\"}},\n"
        "           {\"run\": \"vm2.0\", \"until\": {\"call\": \"FFA_NOTIFICATION_SET\"}},\n"
        "           {\"run\": \"vm2.0\", \"until\": {\"call\": \"*\"}},\n"
        "           {\"run\": \"vm2.0\", \"until\": {\"smc\": \"*\"}},\n"
        "           {\"run\": \"vm2.0\", \"until\": {\"smc-done\": \"0x84000060\"}},\n"
        "           {\"run\": \"host\", \"until\": {\"inject\": \"big\"}},\n"
        "           {\"run\": \"host\", \"until\": {\"online\": \"*\"}},\n"
        "           {\"run\": \"host\", \"until\": {\"alloc\": \"*\"}},\n"
        "           {\"run\": \"host\", \"until\": \"return\", \"times\": 2},\n"
        "           {\"run\": \"big.3\", \"until\": \"blocked\"},\n"
        "           {\"run\": \"big.3\", \"until\": \"done\"}, {\"run\": \"big.3\"}, \"rest\" ],\n"
        "    \"a\": [ \"rest\" ] },\n"
        "  \"threads\": {\n"
        "    \"vm2.0\": [ {\"call\": \"FFA_NOTIFICATION_SET\", \"sender\": \"vm2\",\n"
        "        \"receiver\": \"big\", \"bitmap\": \"0x100000002\", \"flags\": 2, \"as\": \"set\",\n"
        "        \"fail-alloc\": 2, \"expect\": \"DENIED\"} ],\n"
        "    \"host\": [ {\"do\": \"create-vm\", \"vm\": \"late\", \"as\": \"make\",\n"
        "        \"expect\": \"NO_MEMORY\", \"fail-alloc\": 1},\n"
        "      {\"do\": \"destroy-vm\", \"vm\": \"late\"}, {\"do\": \"vcpu-on\", \"vcpu\": \"big.1\"},\n"
        "      {\"do\": \"vcpu-off\", \"vcpu\": \"big.2\"}, {\"do\": \"advance\", \"by\": \"5ms\"} ],\n"
        "    \"big.3\": [ {\"take\": \"NPI\"}, {\"take\": 9},\n"
        "      {\"call\": \"0x840000FF\", \"x5\": \"0xffffffffffffffff\", \"w3\": 1, \"w17\": \"7\"},\n"
        "      {\"call\": \"FFA_NOTIFICATION_GET\", \"receiver\": \"0x7\", \"vcpu\": 3, \"flags\": 2,\n"
        "       \"expect\": {\"vm_bitmap\": \"0x1\", \"w4\": 1, \"x17\": 0}},\n"
        "      {\"call\": \"FFA_NOTIFICATION_INFO_GET_64\", \"expect\": {\"status\": \"NO_DATA\"}},\n"
        "      {\"call\": \"FFA_FEATURES\", \"feature\": \"FFA_NOTIFICATION_BIND\"},\n"
        "      {\"call\": \"FFA_FEATURES\", \"feature\": \"NPI\"},\n"
        "      {\"call\": \"FFA_NOTIFICATION_BIND\", \"w1\": \"0x12345678\", \"x0\": 5} ] },\n"
        "  \"setup\": [ {\"vm2.0\": \"FFA_VERSION\", \"version\": \"1.2\", \"expect\": {\"version\": 65538}},\n"
        "    {\"host.1\": \"advance\", \"by\": \"1s\"},\n"
        "    {\"big.0\": \"take\", \"interrupt\": \"NPI\"} ],\n"
        "  \"machine\": { \"mediator\": \"some-name\", \"injection\": \"silent\",\n"
        "    \"spmc\": {\"version\": \"1.1\",\n"
        "      \"without\": [\"FFA_NOTIFICATION_BIND\", \"FFA_MSG_SEND_DIRECT_REQ\"]},\n"
        "    \"options\": {\"x-y\": \"text = 1\", \"b\": false, \"x\": 18},\n"
        "    \"vms\": { \"big\": {\"vcpus\": 4, \"id\": \"0x7\", \"online\": [0, 3]}, \"vm2\": {},\n"
        "             \"late\": {\"absent\": true} },\n"
        "    \"sps\": { \"sp1\": {}, \"sp2\": {\"id\": 40000, \"properties\": \"0xf\", \"contexts\": 8,\n"
        "             \"uuid\": \"01020304-0506-0708-090a-0b0c0d0e0f10\",\n"
        "             \"more-uuids\": [\"00000000-0000-0000-0000-000000000001\",\n"
        "                             {\"uuid\": \"aabbccdd-0000-0000-0000-000000000002\","
        "                              \"properties\": 9}]} } } }\n";

static struct sim_scenario *load_text(const char *text)
{
	GError *error = NULL;
	struct sim_scenario *scenario =
	        sim_scenario_parse(text, strlen(text), "dir/all.json", &error);

	assert_no_error(error);
	return scenario;
}

TEST(scenario, header)
{
	g_autoptr(SimScenario) s = load_text(everything);

	assert_str(s->path, "dir/all.json");
	assert_str(s->id, "dir/all");
	assert_str(s->about, "all of it");
	assert_str(s->skip, "not today");
	assert_str(s->known_failing, "a reason");
	assert_str(s->detects[0], "no-lock");
	assert_str(s->detects[1], "late-npi");
	assert_null(s->detects[2]);
}

TEST(scenario, machine)
{
	g_autoptr(SimScenario) s = load_text(everything);
	const struct sim_machine *m = &s->machine;

	assert_str(m->mediator, "some-name");
	assert_str(m->options, "b=false\nx=18\nx-y=text = 1\n");
	assert_eq_int(m->injection, SIM_INJECTION_SILENT);
	assert_true(m->spmc.present);
	assert_eq_u64(m->spmc.version, 0x10001);
	assert_eq_int(m->spmc.without_count, 3);
	assert_eq_u64(m->spmc.without[0], 0x8400007f);
	assert_eq_u64(m->spmc.without[1], 0x8400006f);
	assert_eq_u64(m->spmc.without[2], 0xc400006f);
}

TEST(scenario, vms)
{
	g_autoptr(SimScenario) s = load_text(everything);
	const struct sim_vm *vms = s->machine.vms;

	assert_eq_int(s->machine.vm_count, 3);
	assert_str(vms[0].name, "big");
	assert_eq_u64(vms[0].id.v, 7);
	assert_eq_int(vms[0].vcpus, 4);
	assert_eq_u64(vms[0].online, 0x9);
	assert_false(vms[0].absent);
	assert_str(vms[1].name, "vm2");
	assert_eq_u64(vms[1].id.v, 2);
	assert_eq_int(vms[1].vcpus, 1);
	assert_eq_u64(vms[1].online, 1);
	assert_true(vms[2].absent);
	assert_eq_u64(vms[2].id.v, 3);
}

/* An id that two VMs have in turn names both. */
TEST(scenario, vms_that_share_an_id)
{
	g_autoptr(SimScenario) s = load_text(
	        "{\"about\": \"x\", \"machine\": {\"mediator\": \"m\", \"vms\": {\"old\": {\"id\": 5}, "
	        "\"vm2\": {}, \"new\": {\"id\": 5, \"absent\": true}}}}");
	char buffer[SIM_NAME_SIZE];

	assert_eq_u64(s->machine.vms[2].id.v, 5);
	assert_str(sim_endpoint_name(s, ffa_make_id(5), buffer, sizeof buffer), "old/new");
	assert_str(sim_endpoint_name(s, ffa_make_id(2), buffer, sizeof buffer), "vm2");
}

TEST(scenario, sps)
{
	g_autoptr(SimScenario) s = load_text(everything);
	const struct sim_sp *sps = s->machine.sps;

	assert_eq_int(s->machine.sp_count, 2);
	assert_eq_u64(sps[0].id.v, 0x8001);
	assert_eq_int(sps[0].contexts, 1);
	assert_eq_u64(sps[1].id.v, 40000);
	assert_eq_u64(sps[1].properties, 0xf);
	assert_eq_int(sps[1].contexts, 8);
	assert_eq_u64(sps[1].uuid[0], 0x04030201);
	assert_eq_u64(sps[1].uuid[3], 0x100f0e0d);
	assert_eq_int(sps[0].more_uuid_count, 0);
	assert_eq_int(sps[1].more_uuid_count, 2);
	assert_eq_u64(sps[1].more_uuids[0][3], 0x01000000);
	assert_eq_u64(sps[1].more_uuids[1][0], 0xddccbbaa);
	assert_eq_u64(sps[1].more_properties[0], 0xf);
	assert_eq_u64(sps[1].more_properties[1], 9);
}

TEST(scenario, actors_are_threads_in_file_order_then_setup_only)
{
	static const char *const names[] = {"vm2.0", "host", "big.3", "host.1", "big.0"};
	static const unsigned counts[] = {1, 5, 8, 0, 0};
	g_autoptr(SimScenario) s = load_text(everything);

	assert_eq_int(s->thread_count, 5);
	for (unsigned i = 0; i < 5; i++) {
		assert_str(s->threads[i].name, names[i]);
		assert_eq_int(s->threads[i].step_count, counts[i]);
	}
	assert_true(s->threads[2].is_vcpu);
	assert_eq_int(s->threads[2].vm, 0);
	assert_eq_int(s->threads[2].vcpu, 3);
	assert_false(s->threads[3].is_vcpu);
}

TEST(scenario, call_step)
{
	g_autoptr(SimScenario) s = load_text(everything);
	const struct sim_step *set = &s->threads[0].steps[0];

	assert_eq_int(set->action, SIM_ACTION_CALL);
	assert_eq_int(set->thread, 0);
	assert_eq_u64(set->fid, 0x84000081);
	assert_eq_u64(set->regs.x[0], 0x84000081);
	assert_eq_u64(set->regs.x[1], 0x00020007); /* sender high, receiver low */
	assert_eq_u64(set->regs.x[2], 2);
	assert_eq_u64(set->regs.x[3], 2);
	assert_eq_u64(set->regs.x[4], 1);
	assert_eq_int(set->fail_alloc, 2);
	assert_str(s->labels[set->label].name, "set");
	assert_ptr(s->labels[set->label].step, set);
	assert_true(set->expect.given);
	assert_true(set->expect.has_status);
	assert_eq_int(set->expect.status, -6);
	assert_str(set->place.pointer, "/threads/vm2.0/0");
	assert_eq_int(set->place.line, 23);
	assert_eq_int(set->place.column, 16);
	assert_str(set->expect.place.pointer, "/threads/vm2.0/0/expect");
}

TEST(scenario, host_steps)
{
	g_autoptr(SimScenario) s = load_text(everything);
	const struct sim_step *steps = s->threads[1].steps;

	assert_eq_int(steps[0].action, SIM_ACTION_VM_CREATE);
	assert_eq_int(steps[0].vm, 2);
	assert_eq_int(steps[0].expect.status, -3);
	assert_eq_int(steps[0].fail_alloc, 1);
	assert_eq_int(steps[1].action, SIM_ACTION_VM_DESTROY);
	assert_eq_int(steps[1].vm, 2);
	assert_eq_int(steps[1].label, -1);
	assert_false(steps[1].expect.given);
	assert_eq_int(steps[2].action, SIM_ACTION_VCPU_ON);
	assert_eq_int(steps[2].vm, 0);
	assert_eq_int(steps[2].vcpu, 1);
	assert_eq_int(steps[3].action, SIM_ACTION_VCPU_OFF);
	assert_eq_int(steps[4].action, SIM_ACTION_ADVANCE);
	assert_eq_u64(steps[4].nanoseconds, 5000000);
}

TEST(scenario, take_and_raw_steps)
{
	g_autoptr(SimScenario) s = load_text(everything);
	const struct sim_step *steps = s->threads[2].steps;

	assert_eq_int(steps[0].action, SIM_ACTION_TAKE);
	assert_eq_u64(steps[0].intid, SIM_INTID_NPI);
	assert_eq_u64(steps[1].intid, 9);
	assert_eq_u64(steps[2].fid, 0x840000ff);
	assert_eq_u64(steps[2].regs.x[3], 1);
	assert_eq_u64(steps[2].regs.x[5], UINT64_MAX);
	assert_eq_u64(steps[2].regs.x[17], 7);
	assert_eq_u64(steps[3].regs.x[1], 0x00030007); /* vCPU high, receiver low */
	assert_eq_u64(steps[4].fid, 0xc4000083);
	assert_eq_u64(steps[5].regs.x[1], 0x8400007f);
	assert_eq_u64(steps[6].regs.x[1], 1);
	assert_eq_u64(steps[7].regs.x[1],
	              0x12345678); /* raw registers stand for the fields in them */
	assert_eq_u64(steps[7].regs.x[0], 5);
}

TEST(scenario, expectations)
{
	g_autoptr(SimScenario) s = load_text(everything);
	const struct sim_expect *get = &s->threads[2].steps[3].expect;
	const struct sim_expect *info = &s->threads[2].steps[4].expect;
	const struct sim_expect *version = &s->setup[0].expect;

	assert_true(get->has_status); /* a result field implies success */
	assert_eq_int(get->status, 0);
	assert_eq_int(get->check_count, 3);
	assert_str(get->checks[0].name, "vm_bitmap");
	assert_str(get->checks[0].field->name, "vm_bitmap");
	assert_eq_u64(get->checks[0].value, 1);
	assert_null(get->checks[1].field);
	assert_eq_int(get->checks[1].reg, 4);
	assert_true(get->checks[1].word);
	assert_eq_int(get->checks[2].reg, 17);
	assert_false(get->checks[2].word);
	assert_eq_int(info->status, -9);
	assert_eq_int(info->check_count, 0);
	assert_false(version->has_status); /* FFA_VERSION has none */
	assert_eq_u64(version->checks[0].value, 0x10002);
}

TEST(scenario, setup)
{
	g_autoptr(SimScenario) s = load_text(everything);

	assert_eq_int(s->setup_count, 3);
	assert_eq_int(s->setup[0].thread, 0);
	assert_eq_u64(s->setup[0].fid, 0x84000063);
	assert_eq_u64(s->setup[0].regs.x[1], 0x10002);
	assert_eq_int(s->setup[1].thread, 3);
	assert_eq_u64(s->setup[1].nanoseconds, 1000000000);
	assert_eq_int(s->setup[2].thread, 4);
	assert_eq_int(s->setup[2].action, SIM_ACTION_TAKE);
}

TEST(scenario, schedules)
{
	static const struct {
		enum sim_until_kind kind;
		unsigned thread, times;
		uint32_t fid;
		const char *lock;
		int lock_vm, vm;
	} want[] = {
	        {SIM_UNTIL_LOCK, 0, 3, 0, "notif", 0, -1},
	        {SIM_UNTIL_UNLOCK, 0, 1, 0, "vms", -1, -1},
	        {SIM_UNTIL_CALL, 0, 1, 0x84000081, "", -1, -1},
	        {SIM_UNTIL_CALL, 0, 1, 0, "", -1, -1},
	        {SIM_UNTIL_SMC, 0, 1, 0, "", -1, -1},
	        {SIM_UNTIL_SMC_DONE, 0, 1, 0x84000060, "", -1, -1},
	        {SIM_UNTIL_INJECT, 1, 1, 0, "", -1, 0},
	        {SIM_UNTIL_ONLINE, 1, 1, 0, "", -1, -1},
	        {SIM_UNTIL_ALLOC, 1, 1, 0, "", -1, -1},
	        {SIM_UNTIL_RETURN, 1, 2, 0, "", -1, -1},
	        {SIM_UNTIL_BLOCKED, 2, 1, 0, "", -1, -1},
	        {SIM_UNTIL_DONE, 2, 1, 0, "", -1, -1},
	        {SIM_UNTIL_DONE, 2, 1, 0, "", -1, -1},
	};
	g_autoptr(SimScenario) s = load_text(everything);

	assert_eq_int(s->schedule_count, 2);
	assert_str(s->schedules[0].name, "z");
	assert_str(s->schedules[1].name, "a");
	assert_eq_int(s->schedules[1].move_count, 0);
	assert_eq_int(s->schedules[0].move_count, G_N_ELEMENTS(want));
	for (unsigned i = 0; i < G_N_ELEMENTS(want); i++) {
		const struct sim_move *move = &s->schedules[0].moves[i];

		assert_eq_int(move->until.kind, want[i].kind);
		assert_eq_int(move->thread, want[i].thread);
		assert_eq_int(move->until.times, want[i].times);
		assert_eq_u64(move->until.fid, want[i].fid);
		assert_str(move->until.lock_class, want[i].lock);
		assert_eq_int(move->until.lock_vm, want[i].lock_vm);
		assert_eq_int(move->until.vm, want[i].vm);
	}
	assert_str(s->schedules[0].moves[1].place.pointer, "/schedules/z/1");
}

TEST(scenario, outcomes)
{
	g_autoptr(SimScenario) s = load_text(everything);

	assert_eq_int(s->outcome_count, 4);
	assert_eq_int(s->outcomes[0].kind, SIM_OUTCOME_ALWAYS);
	assert_str(s->outcomes[0].text, "npi(big) <= 1");
	assert_eq_int(s->outcomes[1].kind, SIM_OUTCOME_NEVER);
	assert_str(s->outcomes[2].text, "done(make)");
	assert_eq_int(s->outcomes[3].kind, SIM_OUTCOME_SOMETIMES);
	assert_not_null(s->outcomes[3].expr);
	assert_str(s->outcomes[3].place.pointer, "/outcomes/sometimes/0");
}

TEST(scenario, defaults)
{
	g_autoptr(SimScenario) s = load_text(
	        "{\"about\": \"a\", \"machine\": {\"mediator\": \"m\", \"vms\": {\"vm1\": {}}},"
	        " \"setup\": [{\"vm1.0\": \"FFA_ID_GET\", \"expect\": \"SUCCESS\"}]}");
	g_autofree char *place = sim_place_text(&s->setup[0].place);

	assert_true(s->machine.spmc.present);
	assert_eq_u64(s->machine.spmc.version, 0x10002);
	assert_eq_int(s->machine.spmc.without_count, 0);
	assert_eq_int(s->machine.injection, SIM_INJECTION_REPORTS);
	assert_str(s->machine.options, "");
	assert_null(s->skip);
	assert_null(s->known_failing);
	assert_null(s->detects[0]);
	assert_eq_int(s->schedule_count, 1);
	assert_str(s->schedules[0].name, "1");
	assert_eq_int(s->schedules[0].move_count, 0);
	assert_eq_int(s->outcome_count, 0);
	assert_str(place, "dir/all.json:1:76: /setup/0");
}

TEST(scenario, freeing_null_is_allowed)
{
	sim_scenario_free(NULL);
	sim_json_free(NULL);
}

/* The schema: strict JSON that names every key of the language, call and status. */
TEST(schema, names_everything)
{
	static const char *const names[] = {
	        "about",
	        "detects",
	        "skip",
	        "known-failing",
	        "machine",
	        "threads",
	        "setup",
	        "schedule",
	        "schedules",
	        "outcomes",
	        "mediator",
	        "spmc",
	        "options",
	        "vms",
	        "sps",
	        "vcpus",
	        "online",
	        "absent",
	        "version",
	        "without",
	        "injection",
	        "sender",
	        "bitmap",
	        "vm_bitmap",
	        "until",
	        "times",
	        "smc-done",
	        "create-vm",
	        "vcpu-off",
	        "advance",
	        "interrupt",
	        "fail-alloc",
	        "sometimes",
	        "DENIED",
	        "FFA_NOTIFICATION_INFO_GET_64",
	};
	g_autofree char *schema = sim_scenario_schema();
	GError *error = NULL;
	g_autoptr(SimJson) json = sim_json_parse(schema, strlen(schema), "schema", &error);

	assert_no_error(error);
	for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *quoted = g_strdup_printf("\"%s\"", names[i]);

		assert_contains(schema, quoted);
	}
	for (size_t i = 0; i < ffa_call_count(); i++)
		assert_contains(schema, ffa_call_at(i)->name);
}

static bool refers_well(struct json_object *definitions, struct json_object *at)
{
	bool ok = true;

	if (json_object_is_type(at, json_type_array)) {
		for (size_t i = 0; i < json_object_array_length(at); i++)
			ok = ok && refers_well(definitions, json_object_array_get_idx(at, i));
	} else if (json_object_is_type(at, json_type_object)) {
		json_object_object_foreach(at, key, value)
		{
			if (strcmp(key, "$ref") == 0)
				ok = ok &&
				     json_object_object_get_ex(definitions,
				                               json_object_get_string(value) +
				                                       strlen("#/definitions/"),
				                               NULL);
			else
				ok = ok && refers_well(definitions, value);
		}
	}
	return ok;
}

TEST(schema, every_reference_has_its_definition)
{
	g_autofree char *text = sim_scenario_schema();
	struct json_object *schema = json_tokener_parse(text);

	assert_true(refers_well(json_object_object_get(schema, "definitions"), schema));
	json_object_put(schema);
}

static const struct {
	const char *name;
	const char *typed;
	const char *want; /* NULL: none */
} suggestions[] = {
        {"swap", "recevier", "receiver"},
        {"swap-in-a-short-name", "flgas", "flags"},
        {"case", "Sender", "sender"},
        {"missing-letter", "bitmp", "bitmap"},
        {"extra-letter", "flagss", "flags"},
        {"wrong-letter", "flaga", "flags"},
        {"words-left-out", "FFA_BIND", "FFA_NOTIFICATION_BIND"},
        {"two-words-of-four", "FFA_INFO", "FFA_NOTIFICATION_INFO_GET"},
        {"far", "elephant", NULL},
        {"empty", "", NULL},
        {"one-letter", "q", NULL},
        {"long", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", NULL},
};

TEST_EACH(suggest, near, suggestions)
{
	static const char *const names[] = {
	        "sender",
	        "receiver",
	        "bitmap",
	        "flags",
	        "FFA_NOTIFICATION_BIND",
	        "FFA_NOTIFICATION_UNBIND",
	        "FFA_NOTIFICATION_INFO_GET",
	        NULL,
	};
	g_autofree char *want =
	        c->want ? g_strdup_printf(" (did you mean '%s'?)", c->want) : g_strdup("");
	g_autofree char *got = sim_suggest_from(c->typed, names);

	assert_str(got, want);
}
