/* SPDX-License-Identifier: MIT */
/*
 * Subjects that are none, and subjects that go wrong: each is a verdict about
 * one scenario with a message that says what happened, and the next scenario of
 * the same session runs as if nothing had been.
 */
#include "sim/session.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/subjects/broken.h"
#include "tests/unit/test_emu.h"

#ifdef __SANITIZE_ADDRESS__
#define SANITIZED true
#else
#define SANITIZED false
#endif

enum { MAX_REPORTS = 8 };

static char *folder;

static struct {
	struct {
		enum sim_verdict verdict;
		char *path;
		char *message; /* of the first finding; NULL without one */
	} reports[MAX_REPORTS];
	unsigned count;
} session;

static bool on_report(void *user, const struct sim_report *report)
{
	const struct sim_finding *first =
	        report->findings->len ? g_ptr_array_index(report->findings, 0) : NULL;

	(void)user;
	assert_true(session.count < MAX_REPORTS);
	session.reports[session.count].verdict = report->verdict;
	session.reports[session.count].path = g_strdup(report->path);
	session.reports[session.count++].message = first ? g_strdup(first->message) : NULL;
	return true;
}

static char *file_in_folder(const char *name)
{
	if (!folder)
		folder = g_dir_make_tmp("ffasim-session-XXXXXX", NULL);
	assert_not_null(folder);
	return g_build_filename(folder, name, NULL);
}

static char *write_file(const char *name, const char *text, int mode)
{
	char *path = file_in_folder(name);

	assert_true(g_file_set_contents(path, text, -1, NULL));
	assert_eq_int(g_chmod(path, mode), 0);
	return path;
}

/* A scenario whose only step asks "broken" for this kind of trouble, 0 for none. */
static char *scenario(const char *name, unsigned how, bool in_setup)
{
	g_autofree char *call =
	        g_strdup_printf("\"FFA_FEATURES\", \"w1\": %u, \"expect\": \"SUCCESS\"}", how);
	g_autofree char *text = g_strdup_printf(
	        "{ \"about\": \"trouble\", \"machine\": {\"mediator\": \"broken\", \"vms\": {\"vm1\": {}}},\n"
	        "  \"setup\": [%s%s],\n"
	        "  \"threads\": {\"vm1.0\": [%s%s]},\n"
	        "  \"schedules\": {\"only\": [\"rest\"]} }\n",
	        in_setup ? "{\"vm1.0\": " : "", in_setup ? call : "",
	        in_setup ? "{\"call\": \"FFA_ID_GET\"}" : "{\"call\": ", in_setup ? "" : call);

	return write_file(name, text, 0600);
}

static void run_session(const char *subject, unsigned timeout, const char *const *paths)
{
	struct sim_session_options options = {.subject = subject, .timeout = timeout};

	memset(&session, 0, sizeof session);
	sim_oracle_default_levels(&options.oracles);
	sim_session_run(&options, paths, on_report, NULL);
}

static void remove_folder(void)
{
	GDir *dir = g_dir_open(folder, 0, NULL);
	const char *name;

	while ((name = g_dir_read_name(dir))) {
		g_autofree char *path = g_build_filename(folder, name, NULL);

		g_remove(path);
	}
	g_dir_close(dir);
	g_rmdir(folder);
	g_free(folder);
	folder = NULL;
}

/* What is not a subject */

struct unusable_case {
	const char *name;
	const char *subject;  /* a path; NULL: one of the tests' subjects */
	const char *built;    /* its name */
	const char *contents; /* the subject is a file in the folder, of this text */
	int mode;
	const char *message;
	enum sim_verdict verdict; /* 0: SIM_VERDICT_SUBJECT */
};

static const struct unusable_case unusable_cases[] = {
        {"missing program", "/nonexistent/program", .message = "there is no subject"},
        {"missing module", "/nonexistent/module.so", .message = "there is no subject"},
        {"folder", "/usr", .message = "Permission denied"},
        {"exits at once", "/bin/true", .message = "the subject exited with status 0"},
        {"exits with an error", "/bin/false", .message = "the subject exited with status 1"},
        {"dies at once", "killed", .contents = "#!/bin/sh\nkill -9 $$\n", .mode = 0700,
         .message = "the subject died of signal 9", .verdict = SIM_VERDICT_ENVIRONMENT},
        {"not executable", "plain", .contents = "text\n", .mode = 0600,
         .message = "Permission denied"},
        {"text without an interpreter", "text", .contents = "touch forged\n", .mode = 0700,
         .message = "Exec format error"},
        {"interpreter that does not exist", "script", .contents = "#!/nonexistent\n", .mode = 0700,
         .message = "No such file or directory"},
        {"text as a module", "text.so", .contents = "this is not a module at all, only text\n",
         .mode = 0700, .message = "cannot load"},
        {"empty module", "empty.so", .contents = "", .mode = 0700, .message = "cannot load"},
        {"module without the symbol", .built = "silent.so",
         .message = "is not a subject: it exports no 'shim_subject'"},
        {"module of another version", .built = "broken-other.so",
         .message = "the subject speaks version 99 of the shim, this is version "},
        {"program of another version", .built = "broken-other",
         .message = "the subject speaks version 99 of the shim, this is version "},
        {"never attaches", .built = "silent",
         .message = "the subject has not answered for 1 second"},
};

TEST_EACH(session_subject, unusable, unusable_cases)
{
	g_autofree char *good = scenario("good.json", 0, false);
	const char *const paths[] = {good, good, NULL};
	g_autofree char *subject = NULL;
	g_autofree char *forged = file_in_folder("forged");

	if (c->built)
		subject = emu_path("process", "tests/subjects", c->built);
	else if (c->contents)
		subject = write_file(c->subject, c->contents, c->mode);
	else
		subject = g_strdup(c->subject);
	assert_eq_int(chdir(folder), 0);
	run_session(subject, 1, paths);
	assert_eq_int(session.count, 2);
	for (unsigned i = 0; i < 2; i++) {
		assert_str(session.reports[i].path, good);
		assert_eq_int(session.reports[i].verdict,
		              c->verdict ? c->verdict : SIM_VERDICT_SUBJECT);
		assert_contains(session.reports[i].message, subject);
		assert_contains(session.reports[i].message, c->message);
		assert_null(strchr(session.reports[i].message, '\n'));
	}
	assert_false(g_file_test(forged, G_FILE_TEST_EXISTS)); /* no shell read it */
	remove_folder();
}

/* A session of many scenarios waits once for a subject that says nothing. */
TEST(session_subject, unusable_is_found_out_once)
{
	g_autofree char *subject = emu_path("process", "tests/subjects", "silent");
	g_autofree char *good = scenario("good.json", 0, false);
	g_autofree char *log = file_in_folder("log");
	const char *const paths[] = {good, good, good, NULL};
	g_autofree char *starts = NULL;

	g_setenv("SILENT_LOG", log, TRUE);
	run_session(subject, 1, paths);
	assert_eq_int(session.count, 3);
	assert_str(session.reports[2].message, session.reports[0].message);
	assert_true(g_file_get_contents(log, &starts, NULL, NULL));
	assert_str(starts, "x");
	remove_folder();
}

/* A path without a folder is a file here, though PATH has a program of that name. */
/* A mediator that takes long to say what is pending: whether somebody was told is not judged. */
TEST(session_subject, slow_to_be_asked)
{
	g_autofree char *subject = emu_path("inline", "tests/subjects", "broken-plain");
	g_autofree char *fast = scenario("fast.json", 0, false);
	g_autofree char *slow = scenario("slow.json", BROKEN_SLOW, false);
	const char *const both[] = {fast, slow, NULL};

	run_session(subject, 0, both);
	assert_eq_int(session.count, 2);
	assert_eq_int(session.reports[0].verdict, SIM_VERDICT_PASS);
	assert_eq_int(session.reports[1].verdict, SIM_VERDICT_INCOMPLETE);
	assert_contains(session.reports[1].message,
	                "not judged, once: what a VM has pending at rest, "
	                "where asking takes more stops than "
	                "SIM_PROBE_STOPS (256)");
	remove_folder();
}

struct announced_case {
	const char *name; /* what is announced */
	const char *message;
};

static const struct announced_case announced_cases[] = {
        {"multi-vm-1.2", NULL},
        {"single-host-1.1", NULL},
        {"multi-vm-1.2 no-vm-to-vm info-get-always", NULL},
        {"multi-vm-1.3",
         "the subject announces the specification 'multi-vm-1.3', which is not known (did you mean "
         "'multi-vm-1.2'?); there are multi-vm-1.2, single-host-1.0, single-host-1.1, "
         "single-host-1.2; '-W no-model' runs without that oracle"},
        {"multi-vm-1.2 info-get-allways",
         "the subject announces 'info-get-allways' behind 'multi-vm-1.2', a word that is not known "
         "(did you mean 'info-get-always'?); there are no-vm-to-vm, info-get-always; "},
        {"single-host-1.2 no-vm-to-vm",
         "the subject announces 'no-vm-to-vm' behind 'single-host-1.2', a word that is not known; "
         "there is none; "},
        {"multi-vm-1.2 no-vm-to-vm info-get-always and then something more",
         "what the subject announces to follow is longer than SHIM_PROFILE_SIZE: "
         "'multi-vm-1.2 no-vm-to-vm info-get-always and then something mor...'"},
};

/* What nobody here can judge by is told, and nothing is judged. */
TEST_EACH(session_subject, announces, announced_cases)
{
	g_autofree char *subject = emu_path("inline", "tests/subjects", "broken-plain");
	g_autofree char *text = g_strdup_printf(
	        "{\"about\": \"a test\", \"machine\": {\"mediator\": \"broken\", \"vms\": {\"vm1\": {}},"
	        "\"options\": {\"announces\": \"%s\"}}, \"setup\": [{\"vm1.0\": \"FFA_ID_GET\"}],"
	        "\"outcomes\": {\"always\": [\"1\"]}}",
	        c->name);
	g_autofree char *path = write_file("announces.json", text, 0600);
	const char *const paths[] = {path, NULL};

	run_session(subject, 0, paths);
	assert_eq_int(session.count, 1);
	if (c->message) {
		assert_eq_int(session.reports[0].verdict, SIM_VERDICT_SUBJECT);
		assert_contains(session.reports[0].message, c->message);
	} else {
		assert_true(session.reports[0].verdict != SIM_VERDICT_SUBJECT);
	}
	remove_folder();
}

TEST(session_subject, a_bare_name_is_a_path)
{
	g_autofree char *subject = write_file("true", "#!/bin/sh\nexit 3\n", 0700);
	g_autofree char *good = scenario("good.json", 0, false);
	const char *const paths[] = {good, NULL};

	assert_eq_int(chdir(folder), 0);
	run_session("true", 1, paths);
	assert_contains(session.reports[0].message, "exited with status 3");
	remove_folder();
}

/* What goes wrong in the middle */

struct trouble_case {
	const char *name;
	const char *subject;
	enum broken_how how;
	bool in_setup;
	enum sim_verdict verdict;
	const char *message;
};

#define INLINE  "broken-plain.so"
#define PROCESS "broken-plain"

static const struct trouble_case trouble_cases[] = {
        {"inline killed", INLINE, BROKEN_KILL, false, SIM_VERDICT_ENVIRONMENT,
         "ended from outside with signal 9 (Killed)"},
        {"process killed", PROCESS, BROKEN_KILL, false, SIM_VERDICT_ENVIRONMENT,
         "the subject died of signal 9 (Killed) while vm1.0 ran"},
        {"process killed in the set-up", PROCESS, BROKEN_KILL, true, SIM_VERDICT_ENVIRONMENT,
         "the subject died of signal 9"},
        {"inline killed once", INLINE, BROKEN_ONCE, false, SIM_VERDICT_PASS, NULL},
        {"process killed once", PROCESS, BROKEN_ONCE, false, SIM_VERDICT_PASS, NULL},
        {"inline out of CPU time", INLINE, BROKEN_CPU, false, SIM_VERDICT_ENVIRONMENT,
         "its limit of CPU time is used up"},
        {"process out of CPU time", PROCESS, BROKEN_CPU, false, SIM_VERDICT_ENVIRONMENT,
         "the subject died of signal 24"},
        {"inline crashed from outside", INLINE, BROKEN_OUTSIDE, false, SIM_VERDICT_ENVIRONMENT,
         "ended from outside with signal 11"},
        {"process crashed from outside", PROCESS, BROKEN_OUTSIDE, false, SIM_VERDICT_ENVIRONMENT,
         "the subject died of signal 9"},
        {"inline stopped", INLINE, BROKEN_STOP, false, SIM_VERDICT_ENVIRONMENT,
         "stopped from outside for 1 second"},
        {"process stopped", PROCESS, BROKEN_STOP, false, SIM_VERDICT_ENVIRONMENT,
         "stopped from outside for 1 second"},
        {"inline leaves", INLINE, BROKEN_LEAVE, false, SIM_VERDICT_CRASH,
         "the subject ended its process with status 3"},
        {"inline exits", INLINE, BROKEN_EXIT, false, SIM_VERDICT_CRASH, "status 7"},
        {"process exits", PROCESS, BROKEN_EXIT, false, SIM_VERDICT_CRASH,
         "the subject exited with status 7 while vm1.0 ran"},
        {"inline sleeps", INLINE, BROKEN_SLEEP, false, SIM_VERDICT_CRASH,
         "the subject has not answered for 1 second"},
        {"process sleeps", PROCESS, BROKEN_SLEEP, false, SIM_VERDICT_CRASH,
         "the subject has not answered for 1 second while vm1.0 ran"},
        {"inline spins", INLINE, BROKEN_SPIN, false, SIM_VERDICT_LIVENESS, "vm1.0 runs on"},
        {"inline writes to null", INLINE, BROKEN_WRITE, false, SIM_VERDICT_CRASH,
         "vm1.0 crashed with Segmentation fault at address 0x0 in write_null"},
        {"process writes to null", PROCESS, BROKEN_WRITE, false, SIM_VERDICT_CRASH,
         "vm1.0 crashed with Segmentation fault at address 0x0 in write_null"},
        {"inline aborts", INLINE, BROKEN_ABORT, false, SIM_VERDICT_CRASH,
         "vm1.0 crashed with Aborted in go_wrong"},
        {"process aborts", PROCESS, BROKEN_ABORT, false, SIM_VERDICT_CRASH,
         "vm1.0 crashed with Aborted in go_wrong"},
        {"SMCs for ever", INLINE, BROKEN_SMC, false, SIM_VERDICT_LIVENESS, "no end after"},
        {"SMCs for ever in the set-up", INLINE, BROKEN_SMC, true, SIM_VERDICT_LIVENESS,
         "no end after"},
        {"trylocks for ever", INLINE, BROKEN_TRY, false, SIM_VERDICT_LIVENESS, "no end after"},
        {"trylocks for ever in the set-up", INLINE, BROKEN_TRY, true, SIM_VERDICT_LIVENESS,
         "events without a stop"},
};

/* The sanitizer has a handler of SIGSEGV of its own, and its leak check changes an exit status. */
static bool is_for_sanitizer(uint32_t how)
{
	return SANITIZED && (how == BROKEN_OUTSIDE || how == BROKEN_LEAVE);
}

TEST_EACH(session_subject, in_trouble, trouble_cases)
{
	g_autofree char *subject = emu_path("process", "tests/subjects", c->subject);
	g_autofree char *bad = scenario("bad.json", c->how, c->in_setup);
	g_autofree char *good = scenario("good.json", 0, false);
	const char *const paths[] = {good, bad, good, bad, good, NULL};
	g_autofree char *once = file_in_folder("once");

	if (is_for_sanitizer(c->how))
		return;
	g_setenv("BROKEN_ONCE", once, TRUE);

	run_session(subject, 1, paths);
	assert_eq_int(session.count, 5);
	for (unsigned i = 0; i < 5; i++) {
		assert_str(session.reports[i].path, paths[i]);
		if (i % 2 == 0 && session.reports[i].verdict != SIM_VERDICT_PASS)
			fail_test("run %u: %s", i, session.reports[i].message);
		if (i % 2 == 0)
			continue;
		if (c->message)
			assert_contains(session.reports[i].message, c->message);
		assert_eq_int(session.reports[i].verdict, c->verdict);
		g_unlink(once);
	}
	remove_folder();
}

/* What a subject prints is not part of our output, whoever hosts it. */
static const struct emu_transport hosts[] = {{"inline"}, {"process"}};

TEST_EACH(session_subject, prints_elsewhere, hosts)
{
	g_autofree char *subject = emu_path(c->name, "tests/subjects", "broken-plain");
	g_autofree char *noisy = scenario("noisy.json", BROKEN_PRINT, false);
	g_autofree char *output = file_in_folder("stdout");
	const char *const paths[] = {noisy, NULL};
	g_autofree char *printed = NULL;
	int fd = open(output, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_true(dup2(fd, STDOUT_FILENO) >= 0);
	run_session(subject, 1, paths);
	assert_eq_int(session.reports[0].verdict, SIM_VERDICT_PASS);
	assert_true(g_file_get_contents(output, &printed, NULL, NULL));
	assert_str(printed, "");
	remove_folder();
}
