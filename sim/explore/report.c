/* SPDX-License-Identifier: MIT */
/* The report of an explored file as a value and as bytes, and the process that makes it. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/explore/opened.h"

#define FINDING_TYPE "(umsmsmsttmsmsmsmsms)"
#define OUTCOME_TYPE "(mst)"
#define FILE_TYPE    "(msmsmsmsmsutta" FINDING_TYPE "a" OUTCOME_TYPE ")"

static void free_finding(gpointer data)
{
	struct sim_explored_finding *finding = data;

	g_free(finding->source);
	g_free(finding->message);
	g_free(finding->place);
	g_free(finding->rates);
	g_free(finding->path);
	g_free(finding->trace);
	g_free(finding->scenario);
	g_free(finding->detail);
	g_free(finding);
}

static void free_outcome(gpointer data)
{
	struct sim_explored_outcome *outcome = data;

	g_free(outcome->text);
	g_free(outcome);
}

struct sim_explored_file *sim_explored_file_new(const char *path)
{
	struct sim_explored_file *file = g_new0(struct sim_explored_file, 1);

	file->path = g_strdup(path);
	file->findings = g_ptr_array_new_with_free_func(free_finding);
	file->outcomes = g_ptr_array_new_with_free_func(free_outcome);
	return file;
}

void sim_explored_file_free(struct sim_explored_file *file)
{
	if (!file)
		return;
	g_free(file->path);
	g_free(file->about);
	g_free(file->subject);
	g_free(file->coverage);
	g_free(file->reason);
	g_ptr_array_unref(file->findings);
	g_ptr_array_unref(file->outcomes);
	g_free(file);
}

struct sim_explored_finding *sim_explored_file_add(struct sim_explored_file *file,
                                                   enum sim_verdict verdict, const char *source,
                                                   const char *message)
{
	struct sim_explored_finding *finding = g_new0(struct sim_explored_finding, 1);

	finding->verdict = verdict;
	finding->source = g_strdup(source);
	finding->message = g_strdup(message);
	file->verdict = sim_verdict_worse(file->verdict, verdict);
	g_ptr_array_add(file->findings, finding);
	return finding;
}

GBytes *sim_explored_file_to_bytes(const struct sim_explored_file *file)
{
	GVariantBuilder findings, outcomes;
	g_autoptr(GVariant) value = NULL;

	g_variant_builder_init(&findings, G_VARIANT_TYPE("a" FINDING_TYPE));
	for (guint i = 0; i < file->findings->len; i++) {
		const struct sim_explored_finding *f = g_ptr_array_index(file->findings, i);

		g_variant_builder_add(&findings, FINDING_TYPE, (guint32)f->verdict, f->source,
		                      f->message, f->place, f->first, f->count, f->rates, f->path,
		                      f->trace, f->scenario, f->detail);
	}
	g_variant_builder_init(&outcomes, G_VARIANT_TYPE("a" OUTCOME_TYPE));
	for (guint i = 0; i < file->outcomes->len; i++) {
		const struct sim_explored_outcome *o = g_ptr_array_index(file->outcomes, i);

		g_variant_builder_add(&outcomes, OUTCOME_TYPE, o->text, o->count);
	}
	value = g_variant_ref_sink(g_variant_new(
	        FILE_TYPE, file->path, file->about, file->subject, file->coverage, file->reason,
	        (guint32)file->verdict, file->executions, file->states, &findings, &outcomes));
	return g_variant_get_data_as_bytes(value);
}

static void read_findings(struct sim_explored_file *file, GVariantIter *iter)
{
	struct sim_explored_finding next = {0};
	guint32 verdict;

	while (g_variant_iter_next(iter, FINDING_TYPE, &verdict, &next.source, &next.message,
	                           &next.place, &next.first, &next.count, &next.rates, &next.path,
	                           &next.trace, &next.scenario, &next.detail)) {
		next.verdict =
		        verdict < SIM_VERDICT_COUNT ? (enum sim_verdict)verdict : SIM_VERDICT_BUG;
		g_ptr_array_add(file->findings, g_memdup2(&next, sizeof next));
	}
}

struct sim_explored_file *sim_explored_file_from_bytes(GBytes *bytes)
{
	g_autoptr(GVariant) value = g_variant_ref_sink(
	        g_variant_new_from_bytes(G_VARIANT_TYPE(FILE_TYPE), bytes, FALSE));
	g_autoptr(GVariantIter) findings = NULL;
	g_autoptr(GVariantIter) outcomes = NULL;
	struct sim_explored_outcome next;
	struct sim_explored_file *file;
	guint32 verdict;

	if (!g_variant_is_normal_form(value) || g_bytes_get_size(bytes) == 0)
		return NULL;
	file = sim_explored_file_new(NULL);
	g_variant_get(value, FILE_TYPE, &file->path, &file->about, &file->subject, &file->coverage,
	              &file->reason, &verdict, &file->executions, &file->states, &findings,
	              &outcomes);
	file->verdict = verdict < SIM_VERDICT_COUNT ? (enum sim_verdict)verdict : SIM_VERDICT_BUG;
	read_findings(file, findings);
	while (g_variant_iter_next(outcomes, OUTCOME_TYPE, &next.text, &next.count))
		g_ptr_array_add(file->outcomes, g_memdup2(&next, sizeof next));
	return file;
}

static _Noreturn void run_child(const struct sim_explore_file_options *options,
                                const struct sim_scenario *scenario, int fd, pid_t parent)
{
	struct sim_explored_file *file;
	g_autoptr(GBytes) bytes = NULL;
	FILE *out = fdopen(fd, "wb");
	gsize size;
	const void *data;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (!out || getppid() != parent)
		_exit(1);
	file = sim_opened_replay(sim_opened_new(options, scenario));
	bytes = sim_explored_file_to_bytes(file);
	data = g_bytes_get_data(bytes, &size);
	if (fwrite(data, 1, size, out) != size || fclose(out))
		_exit(1);
	_exit(0);
}

static GBytes *read_all(int fd)
{
	GByteArray *bytes = g_byte_array_new();
	uint8_t buffer[65536];
	ssize_t got;

	while ((got = read(fd, buffer, sizeof buffer)) > 0 || (got < 0 && errno == EINTR))
		if (got > 0)
			g_byte_array_append(bytes, buffer, (guint)got);
	return g_byte_array_free_to_bytes(bytes);
}

static struct sim_explored_file *report_death(const char *path, int status)
{
	struct sim_explored_file *file = sim_explored_file_new(path);
	g_autofree char *message = NULL;

	if (WIFSIGNALED(status))
		message = g_strdup_printf("the subject took its process down with signal %d (%s)",
		                          WTERMSIG(status), g_strsignal(WTERMSIG(status)));
	else
		message = g_strdup_printf("the subject ended its process with status %d",
		                          WEXITSTATUS(status));
	sim_explored_file_add(file, SIM_VERDICT_CRASH, "subject", message);
	file->coverage = g_strdup("nothing: the execution did not come to its end");
	return file;
}

struct sim_explored_file *sim_explore_replay_apart(const struct sim_explore_file_options *options,
                                                   const struct sim_scenario *scenario,
                                                   GError **error)
{
	struct sim_explored_file *file = NULL;
	g_autoptr(GBytes) bytes = NULL;
	pid_t parent = getpid(), pid;
	int fds[2], status = 0;

	if (pipe(fds) || (pid = fork()) < 0) {
		g_set_error(error, SIM_ERROR, SIM_ERROR_FILE, "cannot create a process: %s",
		            g_strerror(errno));
		return NULL;
	}
	if (pid == 0) {
		close(fds[0]);
		run_child(options, scenario, fds[1], parent);
	}
	close(fds[1]);
	bytes = read_all(fds[0]);
	close(fds[0]);
	waitpid(pid, &status, 0);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		file = sim_explored_file_from_bytes(bytes);
	return file ? file : report_death(scenario->path, status);
}
