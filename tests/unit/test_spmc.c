/* SPDX-License-Identifier: MIT */
/* The files of profiles: every one is complete, and a wrong one is told with its place. */
#include <stdio.h>
#include <string.h>

#include "sim/profile.h"
#include "sim/run.h"
#include "sim/scenario/scenario.h"
#include "tests/test.h"
#include "tests/unit/test_spmc.h"

/* What a run has to copy for the SPMC. */
_Static_assert(sizeof(struct world_spmc) <= 4864, "the state of the SPMC stays small");

static const struct {
	const char *name, *follows;
} files[] = {
        {"el3", "TF-A 6a164dda, August 2026"},
        {"full", ""},
        {"hafnium", "Hafnium 21bfbdc1, August 2026"},
        {"hostile", ""},
        {"minimal", ""},
        {"optee-host", "OP-TEE d5001fe0, August 2026"},
        {"optee-virt", "OP-TEE d5001fe0, August 2026"},
};

TEST_EACH(spmc, profile_gives_every_behaviour, files)
{
	g_autofree char *path = sim_profile_find(c->name, "here");
	g_autoptr(SimJson) json = sim_json_load(path, NULL);
	struct world_spmc_config config;

	assert_not_null(json);
	for (unsigned i = 0; i < WORLD_KNOB_COUNT; i++)
		if (!sim_json_member(json, sim_json_root(json), world_knobs[i].name))
			fail_test("'%s' is missing", world_knobs[i].name);
	assert_true(sim_profile_load(path, &config, NULL));
	assert_true(config.present);
	assert_str(config.follows, c->follows);
}

TEST(spmc, every_profile_is_listed)
{
	g_auto(GStrv) names = sim_profile_names("here");
	g_autofree char *all = g_strjoinv(" ", names);

	assert_str(all, "default none el3 full hafnium hostile minimal optee-host optee-virt");
}

TEST(spmc, every_knob_names_its_source)
{
	for (unsigned i = 0; i < WORLD_KNOB_COUNT; i++) {
		assert_true(strlen(world_knobs[i].doc) > 0);
		assert_true(strstr(world_knobs[i].source, "spmc ") ||
		            strstr(world_knobs[i].source, "host-proxy ") ||
		            strstr(world_knobs[i].source, "spmc-differences "));
		assert_not_null(world_knobs[i].values[1].name);
	}
}

/* The table of differences in docs/, or NULL; caller frees. */
static char *read_differences(void)
{
	g_autofree char *profile = sim_profile_find("hafnium", "here");
	g_autofree char *folder = g_path_get_dirname(profile);
	g_autofree char *path =
	        g_build_filename(folder, "..", "..", "docs", "facts", "spmc-differences.md", NULL);
	char *text = NULL;

	return g_file_get_contents(path, &text, NULL, NULL) ? text : NULL;
}

/* "spmc-differences D4, D15" cites two rows. */
TEST(spmc, every_cited_difference_has_a_row)
{
	g_autofree char *table = read_differences();
	const char *prefix = "spmc-differences ";

	assert_not_null(table);
	for (unsigned i = 0; i < WORLD_KNOB_COUNT; i++) {
		const char *cited = strstr(world_knobs[i].source, prefix);
		g_auto(GStrv) rows =
		        cited ? g_strsplit(cited + strlen(prefix), ", ", -1) : g_new0(char *, 1);

		for (char **row = rows; *row; row++) {
			g_autofree char *begin = g_strdup_printf("\n| %s | ", *row);

			if (!strstr(table, begin))
				fail_test("'%s' cites '%s'", world_knobs[i].name, *row);
		}
	}
}

#define WHOLE "{\"about\": \"x\", \"version\": \"1.2\", \"functions\": [\"FFA_ERROR\"]"

/* A profile of one mistake, which the '@' marks. */
static const struct {
	const char *name, *text, *message;
} wrong[] = {
        {"not-json", "{\"about\": @}", ""},
        {"list", "@[]", "expected a profile"},
        {"unknown-key", "{\"about\": \"x\",\n @\"bind-flag\": \"invalid\"}",
         "unknown key 'bind-flag' (did you mean 'bind-flags'?)"},
        {"unknown-value", "{\"bind-flags\": @\"refused\"}",
         "'refused' is not a value of this behaviour: there is 'per-vcpu', 'invalid', 'denied'"},
        {"missing-version", "@{\"about\": \"x\", \"functions\": [\"FFA_ERROR\"]}",
         "missing key 'version'"},
        {"no-functions", "{\"functions\": @[]}", "expected a list of call names"},
        {"unknown-call", "{\"about\": \"x\", \"version\": \"1.2\", \"functions\": [@\"FFA_RUNS\"]}",
         "did you mean 'FFA_RUN'?"},
        {"unanswered-call",
         "{\"about\": \"x\", \"version\": \"1.2\", \"functions\": [@\"FFA_MEM_SHARE\"]}",
         "the machine's SPMC has no answer to 'FFA_MEM_SHARE'"},
        {"feature-call", "" WHOLE ", \"features\": {@\"FFA_RUNS\": 0}}", "did you mean 'FFA_RUN'?"},
        {"feature-id", "" WHOLE ", \"features\": {@\"256\": 0}}", "'256' is not a feature id"},
        {"feature-zero", "" WHOLE ", \"features\": {@\"0\": 0}}", "'0' is not a feature id"},
        {"feature-name", "{\"features\": {@\"SRI\": 0}}", "is not a call name or a feature id"},
        {"feature-answer", "" WHOLE ", \"features\": {\"0x4\": @\"DENIED\"}}", "'DENIED'"},
        {"slots", "{\"slots\": @13}", "out of range"},
        {"sri", "{\"sri\": @32}", "out of range"},
        {"twice", "{\"sri\": 1, @\"sri\": 2}", "sri"},
};

TEST_EACH(spmc, wrong_profile, wrong)
{
	g_autofree char *folder = g_dir_make_tmp("profile-XXXXXX", NULL);
	g_autofree char *path = g_build_filename(folder, "p.json", NULL);
	g_autoptr(GString) text = g_string_new(c->text);
	const char *mark = strchr(c->text, '@');
	size_t before = (size_t)(mark - c->text);
	const char *line = mark;
	g_autofree char *place = NULL;
	g_autoptr(GError) error = NULL;
	struct world_spmc_config config = {.sri = 77};

	while (line > c->text && line[-1] != '\n')
		line--;
	place = g_strdup_printf("%s:%d:%d: ", path, line == c->text ? 1 : 2,
	                        (int)(mark - line) + 1);
	g_string_erase(text, (gssize)before, 1);
	assert_true(g_file_set_contents(path, text->str, -1, NULL));
	assert_false(sim_profile_load(path, &config, &error));
	assert_contains(error->message, place);
	assert_contains(error->message, c->message);
	assert_eq_int(config.sri, 77);
	remove(path);
	remove(folder);
}

TEST(spmc, missing_profile)
{
	g_autoptr(GError) error = NULL;
	struct world_spmc_config config;

	assert_false(sim_profile_load("no/such.json", &config, &error));
	assert_contains(error->message, "no/such.json: cannot read");
	assert_null(sim_profile_find("nothing", "here"));
}

/* A profile beside the scenario, or above it, comes before the program's. */
TEST(spmc, profile_beside_the_scenario)
{
	g_autofree char *folder = g_dir_make_tmp("profile-XXXXXX", NULL);
	g_autofree char *fixtures = g_build_filename(folder, "fixtures", NULL);
	g_autofree char *spmc = g_build_filename(fixtures, "spmc", NULL);
	g_autofree char *path = g_build_filename(spmc, "minimal.json", NULL);
	g_autofree char *scenario = g_build_filename(folder, "a", "b", "s.json", NULL);
	g_autofree char *found = NULL;

	assert_eq_int(g_mkdir_with_parents(spmc, 0700), 0);
	assert_true(g_file_set_contents(path, "{}", -1, NULL));
	found = sim_profile_find("minimal", scenario);
	assert_str(found, path);
	g_setenv("FFASIM_FIXTURES", fixtures, TRUE);
	g_free(found);
	found = sim_profile_find("minimal", "here");
	assert_str(found, path);
	remove(path);
	remove(spmc);
	remove(fixtures);
	remove(folder);
}

/* In a scenario */

#define SCENARIO(spmc, sp)                                                                              \
	"{\"about\": \"x\", \"machine\": {\"mediator\": \"m\", \"vms\": {\"vm1\": {}}, \"spmc\": " spmc \
	", \"sps\": {\"sp1\": " sp "}}, \"setup\": [{\"vm1.0\": \"FFA_ID_GET\", "                       \
	"\"expect\": \"SUCCESS\"}]}"

static struct sim_scenario *load_scenario(const char *text)
{
	GError *error = NULL;
	struct sim_scenario *scenario = sim_scenario_parse(text, strlen(text), "s.json", &error);

	assert_no_error(error);
	return scenario;
}

TEST(spmc, scenario_changes_a_profile)
{
	g_autoptr(SimScenario) s = load_scenario(
	        SCENARIO("{\"bind-flags\": \"invalid\", \"without\": [\"FFA_RUN\"], \"version\": "
	                 "\"1.1\", \"profile\": \"optee-host\"}",
	                 "{}"));
	const struct world_spmc_config *spmc = &s->machine.spmc;

	assert_eq_u64(spmc->version, FFA_VERSION_1_1);
	assert_eq_int(spmc->sri, 9);
	assert_eq_int(spmc->knobs[WORLD_KNOB_BIND_FLAGS], WORLD_BIND_FLAGS_INVALID);
	assert_eq_int(spmc->knobs[WORLD_KNOB_BIND_EMPTY], WORLD_BIND_EMPTY_ACCEPTED);
	assert_eq_int(spmc->without_count, 1);
}

/* Answers of FFA_FEATURES stand beside those of the profile; other calls have other answers. */
TEST(spmc, scenario_changes_features)
{
	g_autoptr(SimScenario) changed =
	        load_scenario(SCENARIO("{\"profile\": \"hafnium\", \"features\": {\"0x4\": 1, "
	                               "\"FFA_RX_ACQUIRE\": \"NOT_SUPPORTED\"}, "
	                               "\"without\": [\"FFA_MEM_SHARE\"]}",
	                               "{}"));
	g_autoptr(SimScenario) others = load_scenario(
	        SCENARIO("{\"profile\": \"hafnium\", \"functions\": [\"FFA_VERSION\", "
	                 "\"FFA_FEATURES\"]}",
	                 "{}"));

	set_up_negotiated("hafnium");
	machine.config.spmc = changed->machine.spmc;
	assert_status(call(FFA_FEATURES_32, 4, 0, 0, 0), FFA_OK);
	assert_eq_u64(answer.x[2], 1);
	assert_status(call(FFA_FEATURES_32, FFA_RX_ACQUIRE_32, 0, 0, 0), FFA_NOT_SUPPORTED);
	assert_status(call(FFA_FEATURES_32, FFA_MEM_LEND_64, 0, 0, 0), FFA_OK);
	assert_status(call(FFA_FEATURES_32, FFA_MEM_SHARE_64, 0, 0, 0), FFA_NOT_SUPPORTED);
	machine.config.spmc = others->machine.spmc;
	assert_status(call(FFA_FEATURES_32, 4, 0, 0, 0), FFA_NOT_SUPPORTED);
	assert_status(call(FFA_FEATURES_32, FFA_MEM_LEND_64, 0, 0, 0), FFA_NOT_SUPPORTED);
}

/* What a scenario gets that names no profile: discovery and buffers. */
TEST(spmc, default_profile)
{
	static const uint32_t there[] = {FFA_VERSION_32,    FFA_FEATURES_32,   FFA_ID_GET_32,
	                                 FFA_SPM_ID_GET_32, FFA_RX_RELEASE_32, FFA_RXTX_MAP_64};
	static const uint32_t missing[] = {FFA_NOTIFICATION_BITMAP_CREATE_32, FFA_RUN_32,
	                                   FFA_MSG_SEND_DIRECT_REQ_32, FFA_RXTX_MAP_32,
	                                   FFA_FEATURE_SRI};

	set_up("full");
	world_spmc_default(&machine.config.spmc);
	for (unsigned i = 0; i < G_N_ELEMENTS(there); i++)
		assert_status(call(FFA_FEATURES_32, there[i], 0, 0, 0), FFA_OK);
	for (unsigned i = 0; i < G_N_ELEMENTS(missing); i++)
		assert_status(call(FFA_FEATURES_32, missing[i], 0, 0, 0), FFA_NOT_SUPPORTED);
	assert_status(create(1, 1), FFA_NOT_SUPPORTED);
	machine.config.spmc.present = false;
	call(FFA_VERSION_32, FFA_VERSION_1_2, 0, 0, 0);
	assert_eq_u64(answer.x[0], 0xffffffff);
}

TEST(spmc, version_of_an_sp)
{
	g_autoptr(SimScenario) s = load_scenario(SCENARIO("\"full\"", "{\"version\": \"1.1\"}"));
	g_autoptr(SimScenario) none = load_scenario(SCENARIO("\"full\"", "{}"));
	struct world_config config;

	sim_machine_to_world(&s->machine, &config);
	assert_eq_u64(config.sps[0].version, FFA_VERSION_1_1);
	sim_machine_to_world(&none->machine, &config);
	assert_eq_u64(config.sps[0].version, 0);
}

TEST(spmc, scripts_of_sps)
{
	static const struct world_sp_answer want[] = {
	        {WORLD_TO_VM_CREATED, WORLD_REPLY_REFUSE, 3, (uint32_t)FFA_RETRY},
	        {WORLD_TO_VM_DESTROYED, WORLD_REPLY_REFUSE, 0, (uint32_t)FFA_NO_MEMORY},
	        {WORLD_TO_REQUEST, WORLD_REPLY_WRONG_ID, 0, FFA_MSG_WAIT_32},
	        {WORLD_TO_ANY, WORLD_REPLY_WRONG_FLAGS, 0, 0x80000004},
	        {WORLD_TO_ANY, WORLD_REPLY_INTERRUPT, 255, 0},
	};
	g_autoptr(SimScenario) s = load_scenario(SCENARIO(
	        "\"full\"",
	        "{\"answers\": [{\"to\": \"VM_CREATED\", \"answer\": \"RETRY\", \"times\": 3},"
	        "{\"to\": \"VM_DESTROYED\", \"status\": \"NO_MEMORY\", \"answer\": \"REFUSE\"},"
	        "{\"to\": \"REQUEST\", \"answer\": \"WRONG_ID\", \"id\": \"FFA_MSG_WAIT\"},"
	        "{\"answer\": \"WRONG_FLAGS\", \"flags\": \"0x80000004\"},"
	        "{\"to\": \"*\", \"answer\": \"INTERRUPT\", \"times\": 255}]}"));
	const struct sim_sp *sp = &s->machine.sps[0];

	assert_eq_int(sp->answer_count, G_N_ELEMENTS(want));
	for (unsigned i = 0; i < sp->answer_count; i++) {
		assert_eq_int(sp->answers[i].to, want[i].to);
		assert_eq_int(sp->answers[i].reply, want[i].reply);
		assert_eq_int(sp->answers[i].times, want[i].times);
		assert_eq_u64(sp->answers[i].value, want[i].value);
	}
}

#define STEPS(steps)                                                                              \
	"{\"about\": \"x\", \"machine\": {\"mediator\": \"m\", \"vms\": {\"vm1\": {\"id\": 7}}, " \
	"\"sps\": {\"sp1\": {}, \"sp2\": {}}}, \"setup\": [" steps "]}"

/* What an SP does is a step of the host; one that is refused unexpectedly fails. */
TEST(spmc, steps_of_sps)
{
	g_autoptr(SimScenario) s = load_scenario(
	        STEPS("{\"host\": \"sp-set\", \"sp\": \"sp2\", \"vm\": \"vm1\", \"flags\": 2,"
	              " \"bitmap\": \"0x8000000000000001\"},"
	              "{\"host\": \"sp-bind\", \"sp\": \"sp1\", \"vm\": \"vm1\", \"bitmap\": 4,"
	              " \"expect\": \"DENIED\"},"
	              "{\"host\": \"sp-unbind\", \"sp\": \"sp1\", \"vm\": \"vm1\", \"bitmap\": 4},"
	              "{\"host\": \"sp-send\", \"sp\": \"sp2\", \"vm\": \"vm1\","
	              " \"value\": \"0x1122334455667788\"}"));
	static const struct {
		unsigned sp;
		uint64_t x[5];
		int32_t status;
	} want[] = {
	        {1, {FFA_NOTIFICATION_SET_32, 0x80020007, 2, 1, 0x80000000}, FFA_OK},
	        {0, {FFA_NOTIFICATION_BIND_32, 0x00078001, 0, 4, 0}, FFA_DENIED},
	        {0, {FFA_NOTIFICATION_UNBIND_32, 0x00078001, 0, 4, 0}, FFA_OK},
	        {1, {FFA_MSG_SEND2_32, 0x80020007, 0, 0x55667788, 0x11223344}, FFA_OK},
	};

	assert_eq_int(s->setup_count, G_N_ELEMENTS(want));
	for (unsigned i = 0; i < s->setup_count; i++) {
		assert_eq_int(s->setup[i].action, SIM_ACTION_SP_CALL);
		assert_eq_int(s->setup[i].sp, want[i].sp);
		assert_mem(s->setup[i].regs.x, want[i].x, sizeof want[i].x);
		assert_true(s->setup[i].expect.given && s->setup[i].expect.has_status);
		assert_status(s->setup[i].expect.status, want[i].status);
	}
}

static const struct {
	const char *name, *text, *message;
} bad_scenarios[] = {
        {"unknown-sp",
         STEPS("{\"host\": \"sp-set\", \"sp\": \"sp3\", \"vm\": \"vm1\", \"bitmap\": 1}"),
         "/setup/0/sp: unknown SP 'sp3' (did you mean 'sp1'?)"},
        {"step-without-bitmap", STEPS("{\"host\": \"sp-bind\", \"sp\": \"sp1\", \"vm\": \"vm1\"}"),
         "missing key 'bitmap'"},
        {"profile", SCENARIO("\"hafnia\"", "{}"), "/machine/spmc: 'hafnia' is not an SPMC profile"},
        {"profile-in-object", SCENARIO("{\"profile\": \"optea\"}", "{}"),
         "/machine/spmc/profile: 'optea' is not an SPMC profile: there is 'default', 'none', 'el3', "
         "'full', 'hafnium', 'hostile', 'minimal', 'optee-host', 'optee-virt'"},
        {"profile-former", SCENARIO("\"optee\"", "{}"),
         "/machine/spmc: 'optee' is not an SPMC profile: use 'optee-host' (one host in front of "
         "OP-TEE, such as pKVM) or 'optee-virt' (a hypervisor in front of OP-TEE with NS "
         "virtualization)"},
        {"profile-path", SCENARIO("\"../hafnium\"", "{}"), "is not the name of an SPMC profile"},
        {"answer", SCENARIO("\"full\"", "{\"answers\": [{\"answer\": \"RETRIES\"}]}"),
         "/machine/sps/sp1/answers/0/answer: 'RETRIES' is not an answer"},
        {"to", SCENARIO("\"full\"", "{\"answers\": [{\"to\": \"VM\", \"answer\": \"RETRY\"}]}"),
         "'VM' is not a message"},
        {"times", SCENARIO("\"full\"", "{\"answers\": [{\"answer\": \"RETRY\", \"times\": 256}]}"),
         "256 is out of range"},
        {"status-of-retry",
         SCENARIO("\"full\"", "{\"answers\": [{\"answer\": \"RETRY\", \"status\": \"BUSY\"}]}"),
         "'status' goes with the answer 'REFUSE' alone"},
        {"status-success",
         SCENARIO("\"full\"", "{\"answers\": [{\"answer\": \"REFUSE\", \"status\": \"SUCCESS\"}]}"),
         "'SUCCESS' is not the status of a refusal"},
        {"status-unknown",
         SCENARIO("\"full\"", "{\"answers\": [{\"answer\": \"REFUSE\", \"status\": \"DENY\"}]}"),
         "/answers/0/status: 'DENY' is not the status of a refusal"},
        {"too-many",
         SCENARIO("\"full\"", "{\"answers\": [{\"answer\": \"RETRY\"}, {\"answer\": \"RETRY\"}, "
                              "{\"answer\": \"RETRY\"}, {\"answer\": \"RETRY\"}, {\"answer\": "
                              "\"RETRY\"}, {\"answer\": \"RETRY\"}, {\"answer\": \"RETRY\"}, "
                              "{\"answer\": \"RETRY\"}, {\"answer\": \"RETRY\"}]}"),
         "9 answers are more than the limit of 8"},
};

TEST_EACH(spmc, bad_scenario, bad_scenarios)
{
	g_autoptr(GError) error = NULL;

	assert_null(sim_scenario_parse(c->text, strlen(c->text), "s.json", &error));
	assert_contains(error->message, c->message);
}
