/* SPDX-License-Identifier: MIT */
/* JSON that is no scenario: one message, at the place of the mistake. */
#include "tests/unit/test_scenario.h"

#include <string.h>

#include "tests/test.h"

/* Takes the mark out of text and answers "f.json:LINE:COLUMN: ". */
static char *take_mark(GString *text)
{
	const char *mark = strchr(text->str, '@');
	unsigned line = 1, column = 1;

	assert_not_null(mark);
	for (const char *p = text->str; p < mark; p = g_utf8_next_char(p)) {
		column = *p == '\n' ? 1 : column + 1;
		line += *p == '\n';
	}
	g_string_erase(text, mark - text->str, 1);
	return g_strdup_printf("%s:%u:%u: ", FILE_NAME, line, column);
}

void expect_error(GString *text, enum sim_error code, const char *pointer, const char *message)
{
	g_autofree char *place = take_mark(text);
	g_autofree char *start = g_strconcat(place, pointer, *pointer ? ": " : "", NULL);
	g_autoptr(GError) error = NULL;
	struct sim_scenario *scenario = sim_scenario_parse(text->str, text->len, FILE_NAME, &error);

	assert_null(scenario);
	assert_not_null(error);
	assert_true(g_error_matches(error, SIM_ERROR, (int)code));
	assert_contains(error->message, message);
	if (!g_str_has_prefix(error->message, start))
		fail_test("'%s' does not begin with '%s'", error->message, start);
	assert_null(strchr(error->message, '\n'));
}

/* JSON, but not a scenario: one section of a good file is replaced. */

static const char *const sections[][2] = {
        {"about", "\"about\": \"x\""},
        {"machine",
         "\"machine\": {\"mediator\": \"m\", \"vms\": {\"vm1\": {\"vcpus\": 2}, \"vm2\": {}},"
         " \"sps\": {\"sp1\": {}}}"},
        {"setup", "\"setup\": [{\"vm1.0\": \"FFA_ID_GET\", \"expect\": \"SUCCESS\"}]"},
        {"threads", "\"threads\": {\"vm1.0\": [{\"call\": \"FFA_ID_GET\", \"as\": \"get\"}],"
                    " \"host\": [{\"do\": \"advance\", \"by\": \"1s\"}]}"},
        {"schedule", "\"schedule\": [\"rest\"]"},
        {"outcomes", "\"outcomes\": {\"always\": [\"get == SUCCESS\"]}"},
};

static GString *document(const char *section, const char *replacement)
{
	GString *text = g_string_new("{");
	bool first = true, found = false;

	for (unsigned i = 0; i < G_N_ELEMENTS(sections); i++) {
		bool replaced = strcmp(sections[i][0], section) == 0;
		const char *part = replaced ? replacement : sections[i][1];

		found = found || replaced;
		if (!*part)
			continue;
		g_string_append_printf(text, "%s%s", first ? "" : ",\n ", part);
		first = false;
	}
	if (!found)
		g_string_append_printf(text, ",\n %s", replacement);
	return g_string_append(text, "\n}\n");
}

#define VMS       "\"machine\": {\"mediator\": \"m\", \"vms\": {"
#define MACHINE   "\"machine\": {\"mediator\": \"m\", \"vms\": {\"vm1\": {}}, "
#define STEP      "\"threads\": {\"vm1.0\": [{\"as\": \"get\", \"call\": \"FFA_ID_GET\"}, "
#define BIND      STEP "{\"call\": \"FFA_NOTIFICATION_BIND\", "
#define HOST      "\"threads\": {\"host\": [{\"as\": \"get\", "
#define STEPS_END "]}"
#define LONG_NAME "abcdefghijklmnopqrstuvwx" /* 24 bytes: one too many */

static const struct {
	const char *name;
	const char *section;
	const char *text;
	const char *pointer;
	const char *message;
} schema[] = {
        /* top level */
        {"unknown-key", "x", "@\"thread\": 1", "/thread",
         "unknown key 'thread' (did you mean 'threads'?)"},
        {"about-empty", "about", "\"about\": @\"\"", "/about", "empty string"},
        {"about-number", "about", "\"about\": @3", "/about", "found the integer 3"},
        {"about-null", "about", "\"about\": @null", "/about", "found null"},
        {"detects-text", "x", "\"detects\": @\"a\"", "/detects", "expected a list"},
        {"detects-empty", "x", "\"detects\": @[]", "/detects", "empty list"},
        {"detects-twice", "x", "\"detects\": [\"a\", @\"a\"]", "/detects/1", "listed twice"},
        {"detects-path", "x", "\"detects\": [@\"../a\"]", "/detects/0", "'../a' is not"},
        {"skip-true", "x", "\"skip\": @true", "/skip", "expected a sentence, found true"},
        {"known-failing-empty", "x", "\"known-failing\": @\"\"", "/known-failing", "empty string"},
        /* machine */
        {"machine-list", "machine", "\"machine\": @[]", "/machine", "found a list"},
        {"mediator-missing", "machine", "\"machine\": @{\"vms\": {\"vm1\": {}}}", "/machine",
         "missing key 'mediator'"},
        {"mediator-path", "machine",
         "\"machine\": {\"mediator\": @\"../x\", \"vms\": {\"vm1\": {}}}", "/machine/mediator",
         "'../x' is not a mediator name"},
        {"mediator-long", "machine",
         "\"machine\": {\"mediator\": @\"" LONG_NAME "\", \"vms\": {\"vm1\": {}}}",
         "/machine/mediator", "longer than 23 bytes"},
        {"vms-missing", "machine", "\"machine\": @{\"mediator\": \"m\"}", "/machine",
         "missing key 'vms'"},
        {"vms-empty", "machine", "\"machine\": {\"mediator\": \"m\", \"vms\": @{}}", "/machine/vms",
         "empty object"},
        {"vm-name", "machine", VMS "@\"VM1\": {}}}", "/machine/vms/VM1", "'VM1' is not a VM name"},
        {"vm-name-long", "machine", VMS "@\"" LONG_NAME "\": {}}}", "/machine/vms/" LONG_NAME,
         "longer than 23 bytes"},
        {"vm-name-reserved", "machine", VMS "@\"host\": {}}}", "/machine/vms/host", "reserved"},
        {"vcpus-zero", "machine", VMS "\"vm1\": {\"vcpus\": @0}}}", "/machine/vms/vm1/vcpus",
         "out of range"},
        {"vcpus-many", "machine", VMS "\"vm1\": {\"vcpus\": @5}}}", "/machine/vms/vm1/vcpus",
         "1 to 4"},
        {"vcpus-text", "machine", VMS "\"vm1\": {\"vcpus\": @\"2\"}}}", "/machine/vms/vm1/vcpus",
         "expected a number of vCPUs, found the string '2'"},
        {"vcpus-negative", "machine", VMS "\"vm1\": {\"vcpus\": @-1}}}", "/machine/vms/vm1/vcpus",
         "found the integer -1"},
        {"vcpus-fraction", "machine", VMS "\"vm1\": {\"vcpus\": @1.0}}}", "/machine/vms/vm1/vcpus",
         "not an integer"},
        {"vm-key", "machine", VMS "\"vm1\": {@\"vcpu\": 1}}}", "/machine/vms/vm1/vcpu",
         "did you mean 'vcpus'?"},

        {"vm-id-secure", "machine", VMS "\"vm1\": {\"id\": @\"0x8001\"}}}", "/machine/vms/vm1/id",
         "no VM id"},
        {"vm-id-wide", "machine", VMS "\"vm1\": {\"id\": @65536}}}", "/machine/vms/vm1/id",
         "out of range"},
        {"vm-id-twice", "machine", VMS "\"vm1\": {}, @\"vm2\": {\"id\": 1}}}", "/machine/vms/vm2",
         "'vm1' and 'vm2' have the same id 0x1"},
        {"online-no-such", "machine", VMS "\"vm1\": {\"vcpus\": 2, \"online\": [1, @2]}}}",
         "/machine/vms/vm1/online/1", "'vm1' has no vCPU 2: it has 2"},
        {"online-twice", "machine", VMS "\"vm1\": {\"vcpus\": 2, \"online\": [1, @1]}}}",
         "/machine/vms/vm1/online/1", "listed twice"},
        {"absent-number", "machine", VMS "\"vm1\": {\"absent\": @1}}}", "/machine/vms/vm1/absent",
         "expected true or false"},
        {"vms-many", "machine",
         "\"machine\": {\"mediator\": \"m\", \"vms\": @{\"a\": {}, \"b\": {}, \"c\": {}, \"d\": {},"
         " \"e\": {}, \"f\": {}, \"g\": {}, \"h\": {}, \"i\": {}, \"j\": {}, \"k\": {}, \"l\": {}, \"m\": {}}}",
         "/machine/vms", "13 VMs are more than the limit of 12"},
        {"sp-named-as-vm", "machine", MACHINE "\"sps\": {@\"vm1\": {}}}", "/machine/sps/vm1",
         "there is a VM named 'vm1' already"},
        {"sp-id", "machine", MACHINE "\"sps\": {\"sp1\": {\"id\": @\"0x8000\"}}}",
         "/machine/sps/sp1/id", "no SP id"},
        {"sp-uuid", "machine", MACHINE "\"sps\": {\"sp1\": {\"uuid\": @\"1234\"}}}",
         "/machine/sps/sp1/uuid", "is not a UUID"},
        {"sp-more-uuids", "machine", MACHINE "\"sps\": {\"sp1\": {\"more-uuids\": [@\"1234\"]}}}",
         "/machine/sps/sp1/more-uuids/0", "is not a UUID"},
        {"spmc-profile", "machine", MACHINE "\"spmc\": @\"hafnia\"}", "/machine/spmc",
         "there is 'default', 'none'"},
        {"spmc-version", "machine", MACHINE "\"spmc\": {\"version\": @\"1\"}}",
         "/machine/spmc/version", "is not a version"},
        {"spmc-version-wide", "machine", MACHINE "\"spmc\": {\"version\": @\"32768.0\"}}",
         "/machine/spmc/version", "15 bits"},
        {"spmc-without", "machine",
         MACHINE "\"spmc\": {\"without\": [@\"FFA_NOTIFICATION_BINDS\"]}}",
         "/machine/spmc/without/0", "did you mean 'FFA_NOTIFICATION_BIND'?"},
        {"injection", "machine", MACHINE "\"injection\": @\"report\"}", "/machine/injection",
         "did you mean 'reports'?"},
        {"option-list", "machine", MACHINE "\"options\": {\"a\": @[]}}", "/machine/options/a",
         "expected a string, an integer, true or false, found a list"},
        {"option-newline", "machine", MACHINE "\"options\": {\"a\": @\"b\\nc=d\"}}",
         "/machine/options/a", "is not a text on one line"},
        {"option-name", "machine", MACHINE "\"options\": {@\"a=b\": 1}}", "/machine/options/a=b",
         "is not an option name"},
        /* threads and steps */
        {"threads-empty", "threads", "\"threads\": @{}", "/threads", "empty object"},
        {"thread-empty", "threads", "\"threads\": {\"vm1.0\": @[]}", "/threads/vm1.0",
         "empty list"},
        {"actor-unknown-vm", "threads", "\"threads\": {@\"vm3.0\": [{}]}", "/threads/vm3.0",
         "unknown VM 'vm3' (did you mean 'vm1'?)"},
        {"actor-unknown-vcpu", "threads", "\"threads\": {@\"vm2.1\": [{}]}", "/threads/vm2.1",
         "'vm2' has no vCPU 1: it has 1"},
        {"actor-huge-vcpu", "threads", "\"threads\": {@\"vm2.99999999999999999\": [{}]}",
         "/threads/vm2.99999999999999999", "is no vCPU"},
        {"actor-no-vcpu", "threads", "\"threads\": {@\"vm1\": [{}]}", "/threads/vm1",
         "'vm1' is not an actor"},
        {"actor-leading-zero", "threads", "\"threads\": {@\"vm1.00\": [{}]}", "/threads/vm1.00",
         "is not an actor"},
        {"actor-host-zero", "threads", "\"threads\": {@\"host.0\": [{}]}", "/threads/host.0",
         "the CPUs of the host are"},
        {"actor-host-four", "threads", "\"threads\": {@\"host.4\": [{}]}", "/threads/host.4",
         "the CPUs of the host are"},
        {"step-text", "threads", "\"threads\": {\"vm1.0\": [@\"FFA_ID_GET\"]}", "/threads/vm1.0/0",
         "expected a step (an object), found the string 'FFA_ID_GET'"},
        {"step-empty", "threads", "\"threads\": {\"vm1.0\": [@{}]}", "/threads/vm1.0/0",
         "none of 'call', 'take' and 'write'"},
        {"write-and-call", "threads",
         "\"threads\": {\"vm1.0\": [{\"call\": \"FFA_ID_GET\", @\"write\": \"0x80010000\", \"value\": 1}]}",
         "/threads/vm1.0/0/write", "either 'call' or 'write', not both"},
        {"write-elsewhere", "threads",
         "\"threads\": {\"vm2.0\": [{\"write\": @\"0x8001fffc\", \"value\": 1}]}",
         "/threads/vm2.0/0/write",
         "0x8001fffc is no memory of 'vm2', which is 0x80020000 to 0x8002ffff"},
        {"write-behind", "threads",
         "\"threads\": {\"vm1.0\": [{\"write\": @\"0x80020000\", \"value\": 1}]}",
         "/threads/vm1.0/0/write", "no memory of 'vm1'"},
        {"write-unaligned", "threads",
         "\"threads\": {\"vm1.0\": [{\"write\": @\"0x80010002\", \"value\": 1}]}",
         "/threads/vm1.0/0/write", "0x80010002 is not aligned to 4 bytes"},
        {"write-bytes", "threads",
         "\"threads\": {\"vm1.0\": [{\"write\": \"0x80010000\", \"bytes\": @3, \"value\": 1}]}",
         "/threads/vm1.0/0/bytes", "a write has 1, 2, 4 or 8 bytes, not 3"},
        {"write-value", "threads",
         "\"threads\": {\"vm1.0\": [{\"write\": \"0x80010000\", \"bytes\": 2, \"value\": @\"0x10000\"}]}",
         "/threads/vm1.0/0/value", "0x10000 does not fit in 2 bytes"},
        {"write-nothing", "threads", "\"threads\": {\"vm1.0\": [@{\"write\": \"0x80010000\"}]}",
         "/threads/vm1.0/0", "missing key 'value'"},
        {"setup-write-elsewhere", "setup",
         "\"setup\": [{\"vm1.0\": @\"write\", \"at\": \"0x80000000\", \"value\": 1}]",
         "/setup/0/vm1.0", "no memory of 'vm1'"},
        {"step-both", "threads",
         "\"threads\": {\"vm1.0\": [{\"call\": \"FFA_ID_GET\", @\"take\": \"NPI\"}]}",
         "/threads/vm1.0/0/take", "not both"},
        {"step-do-on-vcpu", "threads", "\"threads\": {\"vm1.0\": [{@\"do\": \"advance\"}]}",
         "/threads/vm1.0/0/do", "for the host"},
        {"step-call-on-host", "threads", "\"threads\": {\"host\": [@{\"call\": \"FFA_ID_GET\"}]}",
         "/threads/host/0", "the host makes no calls"},
        {"call-unknown", "threads", STEP "{\"call\": @\"FFA_BIND\"}" STEPS_END,
         "/threads/vm1.0/1/call",
         "unknown call 'FFA_BIND' (did you mean 'FFA_NOTIFICATION_BIND'?)"},
        {"call-number", "threads", STEP "{\"call\": @2214592639}" STEPS_END,
         "/threads/vm1.0/1/call", "expected the name of a call"},
        {"call-wide", "threads", STEP "{\"call\": @\"0x184000081\"}" STEPS_END,
         "/threads/vm1.0/1/call", "32 bits"},
        {"call-no-such-width", "threads", STEP "{\"call\": @\"FFA_NOTIFICATION_SET_64\"}" STEPS_END,
         "/threads/vm1.0/1/call", "unknown call"},
        {"field-unknown", "threads", BIND "@\"recevier\": \"vm1\"}" STEPS_END,
         "/threads/vm1.0/1/recevier",
         "FFA_NOTIFICATION_BIND has no such argument (did you mean 'receiver'?)"},
        {"field-unknown-raw-call", "threads",
         STEP "{\"call\": \"0x840000ff\", @\"sender\": 1}" STEPS_END, "/threads/vm1.0/1/sender",
         "not in the table"},
        {"sender-missing", "threads",
         STEP "@{\"call\": \"FFA_NOTIFICATION_BIND\", \"receiver\": \"vm1\"}" STEPS_END,
         "/threads/vm1.0/1", "missing key 'sender'"},
        {"endpoint-unknown", "threads",
         BIND "\"sender\": @\"vm3\", \"receiver\": \"vm1\"}" STEPS_END, "/threads/vm1.0/1/sender",
         "unknown endpoint 'vm3' (did you mean 'vm1'?)"},
        {"endpoint-wide", "threads",
         BIND "\"sender\": @\"0x10001\", \"receiver\": \"vm1\"}" STEPS_END,
         "/threads/vm1.0/1/sender", "0x10001 does not fit in 'sender' (16 bits"},
        {"endpoint-negative", "threads", BIND "\"sender\": @-1, \"receiver\": \"vm1\"}" STEPS_END,
         "/threads/vm1.0/1/sender", "found the integer -1"},
        {"flags-wide", "threads",
         BIND "\"sender\": 2, \"receiver\": 1, \"flags\": @\"0x100000000\"}" STEPS_END,
         "/threads/vm1.0/1/flags", "(32 bits; the raw register 'x2'"},
        {"bitmap-object", "threads",
         BIND "\"sender\": 2, \"receiver\": 1, \"bitmap\": @{}}" STEPS_END,
         "/threads/vm1.0/1/bitmap", "found an object"},
        {"bitmap-too-long", "threads",
         BIND "\"sender\": 2, \"receiver\": 1, \"bitmap\": @\"0x10000000000000000\"}" STEPS_END,
         "/threads/vm1.0/1/bitmap", "found the string '0x10000000000000000'"},
        {"bitmap-word", "threads",
         BIND "\"sender\": 2, \"receiver\": 1, \"bitmap\": @\"one\"}" STEPS_END,
         "/threads/vm1.0/1/bitmap", "found the string 'one'"},
        {"register-wide", "threads",
         STEP "{\"call\": \"FFA_ID_GET\", \"w3\": @4294967296}" STEPS_END, "/threads/vm1.0/1/w3",
         "does not fit in 'w3' (32 bits; 'x3' has 64)"},
        {"register-twice", "threads",
         STEP "{\"call\": \"FFA_ID_GET\", \"w3\": 1, @\"x3\": 1}" STEPS_END, "/threads/vm1.0/1/x3",
         "given twice"},
        {"register-18", "threads", STEP "{\"call\": \"FFA_ID_GET\", @\"x18\": 1}" STEPS_END,
         "/threads/vm1.0/1/x18", "no such argument"},
        {"label-taken", "threads", STEP "{\"call\": \"FFA_ID_GET\", \"as\": @\"get\"}" STEPS_END,
         "/threads/vm1.0/1/as", "label 'get' is taken"},
        {"label-reserved", "threads",
         STEP "{\"call\": \"FFA_ID_GET\", \"as\": @\"pending\"}" STEPS_END, "/threads/vm1.0/1/as",
         "not a label"},
        {"label-counter", "threads",
         STEP "{\"call\": \"FFA_ID_GET\", \"as\": @\"vm_created\"}" STEPS_END,
         "/threads/vm1.0/1/as", "not a label"},
        {"after-unknown", "threads",
         STEP "{\"call\": \"FFA_ID_GET\", \"after\": @\"got\"}" STEPS_END, "/threads/vm1.0/1/after",
         "no step is called 'got' (did you mean 'get'?)"},
        {"after-unknown-in-list", "threads",
         STEP "{\"call\": \"FFA_ID_GET\", \"after\": [\"get\", @\"x\"]}" STEPS_END,
         "/threads/vm1.0/1/after/1", "no step is called 'x'"},
        {"after-empty", "threads", STEP "{\"call\": \"FFA_ID_GET\", \"after\": @[]}" STEPS_END,
         "/threads/vm1.0/1/after", "empty list"},
        {"after-number", "threads", STEP "{\"call\": \"FFA_ID_GET\", \"after\": @1}" STEPS_END,
         "/threads/vm1.0/1/after", "expected a label or a list of labels"},
        {"after-itself", "threads",
         STEP "{\"call\": \"FFA_ID_GET\", \"as\": \"own\", \"after\": @\"own\"}" STEPS_END,
         "/threads/vm1.0/1/after", "'own' never comes first"},
        {"after-circle", "threads",
         "\"threads\": {\"vm1.0\": [{\"call\": \"FFA_ID_GET\", \"after\": @\"b\"},"
         " {\"call\": \"FFA_ID_GET\", \"as\": \"get\"}],"
         " \"vm2.0\": [{\"call\": \"FFA_ID_GET\", \"as\": \"b\", \"after\": \"get\"}]}",
         "/threads/vm1.0/0/after", "'b' never comes first: the steps wait for each other"},
        {"label-idle", "threads", STEP "{\"call\": \"FFA_ID_GET\", \"as\": @\"idle\"}" STEPS_END,
         "/threads/vm1.0/1/as", "'idle' is what a step can come after, not a label"},
        {"label-form", "threads", STEP "{\"call\": \"FFA_ID_GET\", \"as\": @\"a-b\"}" STEPS_END,
         "/threads/vm1.0/1/as", "'a-b' is not a label"},
        {"fail-alloc-zero", "threads",
         STEP "{\"call\": \"FFA_ID_GET\", \"fail-alloc\": @0}" STEPS_END,
         "/threads/vm1.0/1/fail-alloc", "out of range"},
        {"expect-status", "threads",
         STEP "{\"call\": \"FFA_ID_GET\", \"expect\": @\"DENYED\"}" STEPS_END,
         "/threads/vm1.0/1/expect", "unknown status 'DENYED' (did you mean 'DENIED'?)"},
        {"expect-number", "threads", STEP "{\"call\": \"FFA_ID_GET\", \"expect\": @0}" STEPS_END,
         "/threads/vm1.0/1/expect", "expected a status or an object of results"},
        {"expect-empty", "threads", STEP "{\"call\": \"FFA_ID_GET\", \"expect\": @{}}" STEPS_END,
         "/threads/vm1.0/1/expect", "nothing is expected"},
        {"expect-field", "threads",
         STEP "{\"call\": \"FFA_ID_GET\", \"expect\": {@\"ids\": 1}}" STEPS_END,
         "/threads/vm1.0/1/expect/ids", "FFA_ID_GET has no such result (did you mean 'id'?)"},
        {"expect-function-hint", "threads",
         STEP "{\"call\": \"FFA_ID_GET\", \"expect\": @\"INTERUPT\"}" STEPS_END,
         "/threads/vm1.0/1/expect", "unknown status 'INTERUPT' (did you mean 'INTERRUPT'?)"},
        {"expect-field-of-function", "threads",
         STEP
         "{\"call\": \"FFA_ID_GET\", \"expect\": {@\"id\": 1, \"status\": \"YIELD\"}}" STEPS_END,
         "/threads/vm1.0/1/expect/id", "FFA_YIELD has no such field"},
        {"expect-field-behind-error", "threads",
         STEP
         "{\"call\": \"FFA_ID_GET\", \"expect\": {@\"id\": 0, \"status\": \"DENIED\"}}" STEPS_END,
         "/threads/vm1.0/1/expect/id", "'id' is undefined behind DENIED"},
        {"expect-function-of-creation", "threads",
         HOST "\"do\": \"create-vm\", \"vm\": \"vm1\", \"expect\": @\"INTERRUPT\"}" STEPS_END,
         "/threads/host/0/expect", "unknown status 'INTERRUPT' (did you mean 'INTERRUPTED'?)"},
        {"expect-version-status", "threads",
         STEP
         "{\"call\": \"FFA_VERSION\", \"version\": \"1.2\", \"expect\": @\"SUCCESS\"}" STEPS_END,
         "/threads/vm1.0/1/expect", "FFA_VERSION answers with no status"},
        {"take-unknown", "threads", STEP "{\"take\": @\"SRI\"}" STEPS_END, "/threads/vm1.0/1/take",
         "there is 'NPI'"},
        {"take-key", "threads", STEP "{\"take\": \"NPI\", @\"expect\": \"SUCCESS\"}" STEPS_END,
         "/threads/vm1.0/1/expect", "unknown key 'expect'"},
        {"action-unknown", "threads", HOST "\"do\": @\"vcpu_on\", \"vcpu\": \"vm1.0\"}" STEPS_END,
         "/threads/host/0/do", "(did you mean 'vcpu-on'?)"},
        {"action-vcpu-missing", "threads", "\"threads\": {\"host\": [@{\"do\": \"vcpu-on\"}]}",
         "/threads/host/0", "missing key 'vcpu'"},
        {"action-vcpu-unknown", "threads",
         HOST "\"do\": \"vcpu-on\", \"vcpu\": @\"vm1.2\"}" STEPS_END, "/threads/host/0/vcpu",
         "'vm1' has no vCPU 2"},
        {"action-vm-unknown", "threads", HOST "\"do\": \"create-vm\", \"vm\": @\"vmm1\"}" STEPS_END,
         "/threads/host/0/vm", "unknown VM 'vmm1' (did you mean 'vm1'?)"},
        {"action-expect", "threads",
         HOST "\"do\": \"destroy-vm\", \"vm\": \"vm1\", @\"expect\": \"SUCCESS\"}" STEPS_END,
         "/threads/host/0/expect", "unknown key 'expect'"},
        {"duration-unit", "threads", HOST "\"do\": \"advance\", \"by\": @\"5\"}" STEPS_END,
         "/threads/host/0/by", "is not a duration"},
        {"duration-number", "threads", HOST "\"do\": \"advance\", \"by\": @5}" STEPS_END,
         "/threads/host/0/by", "expected a duration"},
        {"duration-huge", "threads",
         HOST "\"do\": \"advance\", \"by\": @\"9999999999999s\"}" STEPS_END, "/threads/host/0/by",
         "does not fit"},
        /* setup */
        {"setup-object", "setup", "\"setup\": @{}", "/setup", "expected a list of steps"},
        {"setup-no-actor", "setup", "\"setup\": [@{\"call\": \"FFA_ID_GET\"}]", "/setup/0",
         "no actor"},
        {"setup-two-actors", "setup",
         "\"setup\": [{\"vm1.0\": \"FFA_ID_GET\", @\"vm1.1\": \"FFA_ID_GET\"}]", "/setup/0/vm1.1",
         "two actors"},
        {"setup-unknown-actor", "setup", "\"setup\": [{@\"vm4.0\": \"FFA_ID_GET\"}]",
         "/setup/0/vm4.0", "unknown VM 'vm4'"},
        {"setup-unknown-call", "setup", "\"setup\": [{\"vm1.0\": @\"FFA_IDGET\"}]",
         "/setup/0/vm1.0", "did you mean 'FFA_ID_GET'?"},
        {"setup-verb-number", "setup", "\"setup\": [{\"vm1.0\": @1}]", "/setup/0/vm1.0",
         "expected the name of a call or an action"},
        {"setup-after", "setup",
         "\"setup\": [{\"vm1.0\": \"FFA_ID_GET\", \"as\": \"own\"}, {\"vm1.0\": \"FFA_ID_GET\", "
         "\"after\": @\"own\"}]",
         "/setup/1/after", "'after' is for threads"},
        {"setup-label-taken", "setup", "\"setup\": [{\"vm1.0\": \"FFA_ID_GET\", \"as\": @\"get\"}]",
         "/setup/0/as", "is taken"},
        {"setup-take", "setup", "\"setup\": [@{\"vm1.0\": \"take\"}]", "/setup/0",
         "missing key 'interrupt'"},
        /* schedules */
        {"schedule-empty", "schedule", "\"schedule\": @[]", "/schedule", "empty list"},
        {"schedule-both", "schedule",
         "\"schedule\": [\"rest\"], @\"schedules\": {\"a\": [\"rest\"]}", "/schedules",
         "exclude each other"},
        {"schedule-word", "schedule", "\"schedule\": [@\"reset\"]", "/schedule/0",
         "did you mean 'rest'?"},
        {"schedule-after-rest", "schedule", "\"schedule\": [\"rest\", @\"rest\"]", "/schedule/1",
         "nothing can follow"},
        {"run-missing", "schedule", "\"schedule\": [@{\"until\": \"done\"}]", "/schedule/0",
         "missing key 'run'"},
        {"run-no-steps", "schedule", "\"schedule\": [{\"run\": @\"vm2.0\"}]", "/schedule/0/run",
         "'vm2.0' has no steps in 'threads'"},
        {"until-word", "schedule", "\"schedule\": [{\"run\": \"vm1.0\", \"until\": @\"returns\"}]",
         "/schedule/0/until", "did you mean 'return'?"},
        {"until-empty", "schedule", "\"schedule\": [{\"run\": \"vm1.0\", \"until\": @{}}]",
         "/schedule/0/until", "exactly one key, found 0"},
        {"until-two", "schedule",
         "\"schedule\": [{\"run\": \"vm1.0\", \"until\": @{\"smc\": \"*\", \"call\": \"*\"}}]",
         "/schedule/0/until", "exactly one key, found 2"},
        {"until-key", "schedule",
         "\"schedule\": [{\"run\": \"vm1.0\", \"until\": {@\"locks\": \"a\"}}]",
         "/schedule/0/until/locks", "did you mean 'lock'?"},
        {"until-lock-form", "schedule",
         "\"schedule\": [{\"run\": \"vm1.0\", \"until\": {\"lock\": @\"notif[vm1\"}}]",
         "/schedule/0/until/lock", "is not a lock"},
        {"until-lock-vm", "schedule",
         "\"schedule\": [{\"run\": \"vm1.0\", \"until\": {\"lock\": @\"notif[vm9]\"}}]",
         "/schedule/0/until/lock", "unknown VM 'vm9'"},
        {"until-lock-long", "schedule",
         "\"schedule\": [{\"run\": \"vm1.0\", \"until\": {\"unlock\": @\"notification\"}}]",
         "/schedule/0/until/unlock", "longer than 11 bytes"},
        {"until-smc", "schedule",
         "\"schedule\": [{\"run\": \"vm1.0\", \"until\": {\"smc\": @\"FFA_NOTHING\"}}]",
         "/schedule/0/until/smc", "unknown call 'FFA_NOTHING'"},
        {"until-inject", "schedule",
         "\"schedule\": [{\"run\": \"vm1.0\", \"until\": {\"inject\": @\"sp1\"}}]",
         "/schedule/0/until/inject", "unknown VM 'sp1'"},
        {"until-call-of-host", "schedule",
         "\"schedule\": [{\"run\": \"host\", \"until\": @{\"call\": \"*\"}}]", "/schedule/0/until",
         "'host' makes no calls"},
        {"times-zero", "schedule",
         "\"schedule\": [{\"run\": \"vm1.0\", \"until\": {\"smc\": \"*\"}, \"times\": @0}]",
         "/schedule/0/times", "out of range"},
        {"times-without-until", "schedule", "\"schedule\": [{\"run\": \"vm1.0\", @\"times\": 2}]",
         "/schedule/0/times", "needs an 'until'"},
        {"times-blocked", "schedule",
         "\"schedule\": [{\"run\": \"vm1.0\", \"until\": \"blocked\", @\"times\": 2}]",
         "/schedule/0/times", "needs an 'until'"},
        {"schedules-name", "schedule", "\"schedules\": {@\"a b\": [\"rest\"]}", "/schedules/a b",
         "is not a schedule name"},
        /* outcomes */
        {"outcomes-list", "outcomes", "\"outcomes\": @[]", "/outcomes", "expected an object"},
        {"outcomes-key", "outcomes", "\"outcomes\": {@\"alway\": []}", "/outcomes/alway",
         "did you mean 'always'?"},
        {"outcomes-empty", "outcomes", "\"outcomes\": {\"never\": @[]}", "/outcomes/never",
         "empty list"},
        {"expression-empty", "outcomes", "\"outcomes\": {\"never\": [@\"\"]}", "/outcomes/never/0",
         "empty string"},
        {"expression-label", "outcomes",
         "\"outcomes\": {\"never\": [\"1\", @\"1 && gett == DENIED\"]}", "/outcomes/never/1",
         "column 6: unknown name 'gett'"},
        {"expression-vm", "outcomes", "\"outcomes\": {\"never\": [@\"pending(vm7)\"]}",
         "/outcomes/never/0", "column 9: unknown VM 'vm7' (did you mean 'vm1'?)"},
};

TEST_EACH(schema, refused, schema)
{
	g_autoptr(GString) text = document(c->section, c->text);

	expect_error(text, SIM_ERROR_SCHEMA, c->pointer, c->message);
}

TEST(schema, the_document_itself_is_good)
{
	g_autoptr(GString) text = document("about", "\"about\": \"x\"");
	GError *error = NULL;
	g_autoptr(SimScenario) scenario =
	        sim_scenario_parse(text->str, text->len, FILE_NAME, &error);

	assert_no_error(error);
	assert_not_null(scenario);
}

static const struct {
	const char *name;
	const char *text;
	const char *message;
} roots[] = {
        {"list", "@[]", "expected a scenario (an object), found a list"},
        {"number", "@1", "found the integer 1"},
        {"null", "@null", "found null"},
        {"empty-object", "@{}", "missing key 'about'"},
};

TEST_EACH(schema, root, roots)
{
	g_autoptr(GString) text = g_string_new(c->text);

	expect_error(text, SIM_ERROR_SCHEMA, "", c->message);
}

TEST(schema, an_actor_of_the_setup_alone_cannot_run)
{
	g_autoptr(GString) text = g_string_new(
	        "{\"about\": \"x\", \"machine\": {\"mediator\": \"m\", \"vms\": {\"vm1\": {}}},"
	        " \"setup\": [{\"vm1.0\": \"FFA_ID_GET\", \"expect\": \"SUCCESS\"}],"
	        " \"schedule\": [{\"run\": @\"vm1.0\"}]}");

	expect_error(text, SIM_ERROR_SCHEMA, "/schedule/0/run", "'vm1.0' has no steps");
}

/* Limits of the language: the count that is allowed, and one more. */

static GString *many(const char *first, const char *one, unsigned count, const char *last)
{
	GString *text = g_string_new(first);

	for (unsigned i = 0; i < count; i++) {
		g_string_append(text, i ? ", " : "");
		g_string_append_printf(text, one, i);
	}
	return g_string_append(text, last);
}

#pragma GCC diagnostic ignored "-Wformat-nonliteral"
static const struct {
	const char *name;
	const char *section;
	const char *first, *one, *last;
	unsigned limit;
	const char *message;
} limits[] = {
        {"steps", "threads",
         "\"threads\": {\"vm1.0\": [{\"call\": \"FFA_ID_GET\", \"as\": \"get\"}, ",
         "{\"take\": %u}", "]}", SIM_MAX_STEPS - 1, "129 steps are more than the limit of 128"},
        {"setup", "setup", "\"setup\": [", "{\"vm1.0\": \"FFA_ID_GET\", \"x5\": %u}", "]",
         SIM_MAX_STEPS, "129 steps are more than the limit of 128"},
        {"labels", "setup", "\"setup\": [", "{\"vm1.0\": \"FFA_ID_GET\", \"as\": \"l%u\"}", "]",
         SIM_MAX_LABELS - 1, "'l63' is one label more than the limit of 64"},
        {"moves", "schedule", "\"schedule\": [{\"run\": \"vm1.0\"}, ",
         "{\"run\": \"vm1.0\", \"until\": \"return\", \"times\": 1%u}", "]", SIM_MAX_MOVES - 1,
         "257 moves are more than the limit of 256"},
        {"schedules", "schedule", "\"schedules\": {", "\"s%u\": [\"rest\"]", "}", SIM_MAX_SCHEDULES,
         "65 schedules are more than the limit of 64"},
        {"outcomes", "outcomes", "\"outcomes\": {\"never\": [", "\"%u == 77\"", "]}",
         SIM_MAX_OUTCOMES, "33 outcomes are more than the limit of 32"},
};

TEST_EACH(limit, counts, limits)
{
	for (unsigned over = 0; over < 2; over++) {
		g_autoptr(GString) part = many(c->first, c->one, c->limit + over, c->last);
		g_autoptr(GString) text = document(c->section, part->str);
		g_autoptr(GError) error = NULL;
		g_autoptr(SimScenario) scenario =
		        sim_scenario_parse(text->str, text->len, FILE_NAME, &error);

		if (!over) {
			assert_no_error(error);
			continue;
		}
		assert_null(scenario);
		assert_contains(error->message, c->message);
	}
}

TEST(limit, actors)
{
	g_autoptr(GString) text =
	        g_string_new("{\"about\": \"x\", \"machine\": {\"mediator\": \"m\", \"vms\": {");

	for (unsigned i = 0; i < 5; i++)
		g_string_append_printf(text, "%s\"v%u\": {\"vcpus\": 4}", i ? "," : "", i);
	g_string_append(text, "}}, \"setup\": [");
	for (unsigned i = 0; i < SIM_MAX_THREADS; i++)
		g_string_append_printf(text, "{\"v%u.%u\": \"FFA_ID_GET\"},", i / 4, i % 4);
	g_string_append(text, "{@\"v4.0\": \"FFA_ID_GET\", \"expect\": \"SUCCESS\"}]}");
	expect_error(text, SIM_ERROR_SCHEMA, "/setup/16/v4.0",
	             "'v4.0' is one actor more than the limit of 16");
}

TEST(limit, options)
{
	g_autofree char *value = g_strnfill(250, 'v');
	g_autofree char *part = g_strdup_printf(
	        MACHINE "\"options\": @{\"a\": \"%s\", \"b\": \"%s\", \"c\": \"123\"}}", value,
	        value);
	g_autoptr(GString) text = document("machine", part);

	/* 253 + 253 + 6 bytes with their ends of line, and a NUL: one too many */
	expect_error(text, SIM_ERROR_SCHEMA, "/machine/options", "more than 511 bytes");
}

/* Hostile files: whatever happens, it is an error or a scenario, never a crash. */

static uint32_t next_random(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u;
	return *state >> 8;
}

static void survive(const char *text, size_t length)
{
	g_autoptr(GError) error = NULL;
	/* a copy of its own size, so that a sanitizer sees a read past the end */
	g_autofree char *copy = g_memdup2(text, MAX(length, 1));
	struct sim_scenario *scenario = sim_scenario_parse(copy, length, FILE_NAME, &error);

	assert_true((scenario != NULL) != (error != NULL));
	sim_scenario_free(scenario);
}

TEST(hostile, every_truncation)
{
	g_autoptr(GString) text = document("about", "\"about\": \"x\"");

	for (size_t length = 0; length < text->len; length++)
		survive(text->str, length);
}

TEST(hostile, flipped_bits)
{
	g_autoptr(GString) text = document("about", "\"about\": \"x\"");
	uint32_t state = 1;

	for (unsigned i = 0; i < 4000; i++) {
		g_autofree char *copy = g_strdup(text->str);

		for (unsigned flips = 1 + next_random(&state) % 3; flips; flips--)
			((unsigned char *)copy)[next_random(&state) % text->len] ^=
			        (unsigned char)(1u << next_random(&state) % 8);
		survive(copy, text->len);
	}
}

TEST(hostile, exchanged_values)
{
	static const char *const values[] = {"null", "[]",   "{}",       "\"\"",  "-1", "1e999",
	                                     "true", "[[]]", "{\"\":0}", "\"*\"", "0",  "\"vm1\""};
	g_autoptr(GString) text = document("about", "\"about\": \"x\"");
	uint32_t state = 2;

	for (unsigned i = 0; i < 2000; i++) {
		g_autoptr(GString) copy = g_string_new(text->str);
		size_t from = next_random(&state) % text->len;
		size_t to = strcspn(copy->str + from, ",]}");

		g_string_erase(copy, (gssize)from, (gssize)MIN(to, text->len - from));
		g_string_insert(copy, (gssize)from,
		                values[next_random(&state) % G_N_ELEMENTS(values)]);
		survive(copy->str, copy->len);
	}
}
