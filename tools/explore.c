/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <unistd.h>

#include "sim/base/file.h"
#include "sim/explore/crew.h"
#include "sim/explore/file.h"
#include "sim/explore/path.h"
#include "sim/explore/result.h"
#include "sim/explore/states_file.h"
#include "sim/scenario/suggest.h"
#include "tools/explore_text.h"
#include "tools/files.h"
#include "tools/options.h"
#include "tools/progress.h"
#include "tools/replay_line.h"
#include "tools/signals.h"
#include "tools/tool.h"
#include "tools/until.h"

struct explore {
	char *subject;
	char *build;
	char *strategy;
	char *granularity;
	char *replay;
	char *out;
	gint64 seed;
	gint64 executions;
	gint64 states;
	gint bound; /* the most there is, if not given */
	gint workers;
	char *shard;
	char *result;
	char *checkpoint;
	char *resume;
	char *memory;
	gint64 checkpoint_steps;
	gboolean progress;
	gint timeout;
	gdouble seconds;
	gboolean first;
	gboolean oracles_only;
	gboolean quiet;
	GPtrArray *levels; /* "-E", "name"... as given */
	struct tool_files *files;
	struct tool_until until;
	struct sim_explore_file_options file;
};

static gboolean on_level(const char *option, const char *value, gpointer user, GError **error)
{
	struct explore *explore = user;
	bool fails = strcmp(option, "-E") == 0 || strcmp(option, "--error") == 0;

	g_ptr_array_add(explore->levels, g_strdup(fails ? "-E" : "-W"));
	g_ptr_array_add(explore->levels, g_strdup(value));
	return tool_set_oracle_level(&explore->file.oracles, value,
	                             fails ? SIM_ORACLE_ERROR : SIM_ORACLE_WARN, error);
}

static bool refuse_name(const char *what, const char *name, const char *const *names,
                        GError **error)
{
	g_autofree char *hint = sim_suggest_from(name, names);
	g_autofree char *list = g_strjoinv(", ", (char **)(uintptr_t)names);

	g_set_error(error, TOOL_ERROR, TOOL_ERROR_USAGE, "unknown %s '%s'%s; there are %s", what,
	            name, hint, list);
	return false;
}

static bool choose_strategy(struct explore *explore, GError **error)
{
	static const char *const names[] = {"stateful", "dpor", "exhaustive", "bounded",   "random",
	                                    "pct",      "pos",  "urw",        "portfolio", NULL};
	enum sim_strategy strategy =
	        explore->seconds > 0 ? SIM_STRATEGY_PORTFOLIO : SIM_STRATEGY_STATEFUL;

	if (explore->strategy && (!sim_strategy_by_name(explore->strategy, &strategy) ||
	                          !g_strv_contains(names, explore->strategy)))
		return refuse_name("strategy", explore->strategy, names, error);
	sim_explore_defaults(&explore->file.search, strategy);
	return true;
}

static bool choose_granularity(struct explore *explore, GError **error)
{
	static const char *const names[] = {"call", "sync", "access", NULL};

	explore->file.granularity = SIM_GRANULARITY_SYNC;
	if (explore->granularity &&
	    !sim_granularity_by_name(explore->granularity, &explore->file.granularity))
		return refuse_name("granularity", explore->granularity, names, error);
	return true;
}

static bool choose_shard(struct explore *explore, GError **error)
{
	struct sim_explore_sharing *sharing = &explore->file.sharing;
	const char *at = explore->shard;
	unsigned long shard, shards = 0;
	char *end;

	if (!at)
		return true;
	shard = strtoul(at, &end, 10);
	if (*end == '/' && g_ascii_isdigit(end[1]))
		shards = strtoul(end + 1, &end, 10);
	if (!g_ascii_isdigit(*at) || *end || shard < 1 || shard > shards || shards > SIM_JOBS) {
		g_set_error(error, TOOL_ERROR, TOOL_ERROR_USAGE,
		            "'%s' is no shard: it is K/N, from 1/N to N/N, with N up to %u",
		            explore->shard, SIM_JOBS);
		return false;
	}
	sharing->shard = (unsigned)shard;
	sharing->shards = (unsigned)shards;
	if (explore->file.search.strategy != SIM_STRATEGY_STATEFUL)
		return true;
	g_set_error(error, TOOL_ERROR, TOOL_ERROR_USAGE,
	            "--shard does not split a stateful search, whose parts have to know what the "
	            "others have seen; choose another --strategy, or share it with -j");
	return false;
}

/* A number of bytes, with K, M or G behind it. */
static bool choose_memory(struct explore *explore, GError **error)
{
	static const char units[] = "KMG";
	const char *unit;
	char *end = NULL;
	guint64 size;

	if (!explore->memory)
		return true;
	size = g_ascii_strtoull(explore->memory, &end, 10);
	unit = *end ? strchr(units, g_ascii_toupper(*end)) : NULL;
	if (g_ascii_isdigit(explore->memory[0]) && (!*end || (unit && !end[1])) &&
	    size < G_MAXUINT64 >> 31) {
		size <<= unit ? 10 * (unit - units + 1) : 0;
		explore->file.search.memory = size;
		if (size >= SIM_EXPLORE_LEAST_MEMORY && size <= SIM_EXPLORE_MOST_MEMORY)
			return true;
	}
	g_set_error(
	        error, TOOL_ERROR, TOOL_ERROR_USAGE,
	        "'%s' is no size of memory: a number of bytes, or with K, M or G behind it; from "
	        "%uM to %uG",
	        explore->memory, SIM_EXPLORE_LEAST_MEMORY >> 20,
	        (unsigned)(SIM_EXPLORE_MOST_MEMORY >> 30));
	return false;
}

static bool check_limits(const struct explore *explore, GError **error)
{
	const struct {
		const char *option;
		gint64 given;
		gint64 most;
	} limits[] = {{"--seed", explore->seed, G_MAXINT64},
	              {"--bound", explore->bound, SIM_EXPLORE_BOUND},
	              {"--max-executions", explore->executions, G_MAXINT64},
	              {"--max-states", explore->states, 1 << 28},
	              {"--timeout", explore->timeout, 86400},
	              {"--jobs", explore->workers, SIM_MAX_WORKERS}};

	for (size_t i = 0; i < G_N_ELEMENTS(limits); i++) {
		if (limits[i].given >= 0 && limits[i].given <= limits[i].most)
			continue;
		g_set_error(error, TOOL_ERROR, TOOL_ERROR_USAGE,
		            "%s is a number from 0 to %" G_GINT64_FORMAT, limits[i].option,
		            limits[i].most);
		return false;
	}
	return tool_check_seconds(explore->seconds, error);
}

/* Plain accesses are seen in instrumented builds only. */
static const char *default_build(const struct explore *explore)
{
	if (explore->subject && !sim_subject_is_name(explore->subject))
		return NULL;
	return explore->file.granularity == SIM_GRANULARITY_ACCESS ||
	                       explore->file.search.strategy == SIM_STRATEGY_DPOR
	               ? "O2"
	               : "plain";
}

/* What needs to see accesses has no use for a build that is known not to announce them. */
static bool check_build(const struct explore *explore, GError **error)
{
	bool dpor = explore->file.search.strategy == SIM_STRATEGY_DPOR;

	if (explore->replay || g_strcmp0(explore->build, "plain") != 0 ||
	    (!dpor && explore->file.granularity != SIM_GRANULARITY_ACCESS))
		return true;
	g_set_error(error, TOOL_ERROR, TOOL_ERROR_USAGE,
	            "--%s needs a build that announces its accesses: --build O2 or O0, not plain",
	            dpor ? "strategy dpor" : "granularity access");
	return false;
}

static unsigned worker_count(const struct explore *explore)
{
	return explore->workers ? (unsigned)explore->workers : g_get_num_processors();
}

/* A time budget is used up, unless fewer executions are asked for. */
static uint64_t most_executions(const struct explore *explore)
{
	if (!explore->executions && explore->seconds > 0 &&
	    sim_strategy_samples(explore->file.search.strategy))
		return SIM_EXPLORE_TIMED;
	return (uint64_t)explore->executions;
}

static void fill_options(struct explore *explore)
{
	struct sim_explore_file_options *file = &explore->file;

	file->subject.subject = explore->subject;
	file->subject.build = explore->build ? explore->build : default_build(explore);
	file->subject.timeout = (unsigned)explore->timeout;
	file->search.seed = (uint64_t)explore->seed;
	file->search.first = explore->first;
	file->search.max_executions = most_executions(explore);
	file->search.max_states = (uint64_t)explore->states;
	file->search.max_bound = (uint32_t)explore->bound;
	file->search.seconds = explore->seconds;
	file->oracles_only = explore->oracles_only;
	file->sharing.workers = worker_count(explore);
	file->sharing.checkpoint = explore->checkpoint;
	file->sharing.resume = explore->resume;
	file->sharing.checkpoint_steps = (uint64_t)explore->checkpoint_steps;
	file->replay = explore->replay;
}

/* "-j2" as "-j 2": the option parser wants the space that people leave out. */
static char **split_jobs(int *count, char **arguments)
{
	GPtrArray *split = g_ptr_array_new();

	for (int i = 0; i < *count; i++) {
		bool joined = g_str_has_prefix(arguments[i], "-j") && arguments[i][2];

		if (joined)
			g_ptr_array_add(split, (char *)(uintptr_t) "-j");
		g_ptr_array_add(split, arguments[i] + (joined ? 2 : 0));
	}
	*count = (int)split->len;
	g_ptr_array_add(split, NULL);
	return (char **)g_ptr_array_free(split, FALSE);
}

/* What is no schedule at all is a mistake in the command. */
static bool check_replay(const struct explore *explore, GError **error)
{
	struct sim_explore_path *path;
	GError *problem = NULL;
	struct sim_path_head head;

	if (!explore->replay)
		return true;
	path = g_new(struct sim_explore_path, 1);
	sim_path_from_text(explore->replay, path, &head, &problem);
	g_free(path);
	if (!problem)
		return true;
	g_set_error(error, TOOL_ERROR, TOOL_ERROR_USAGE, "%s", problem->message);
	g_error_free(problem);
	return false;
}

static bool check_until(struct explore *explore, GError **error)
{
	if (!tool_until_check(&explore->until, error))
		return false;
	if (!explore->until.step || explore->replay)
		return true;
	g_set_error(error, TOOL_ERROR, TOOL_ERROR_USAGE,
	            "--until stops an execution: name it with --replay");
	return false;
}

static bool parse(struct explore *explore, int *count, char ***arguments, GError **error)
{
	const GOptionEntry entries[] = {
	        {"strategy", 0, 0, G_OPTION_ARG_STRING, &explore->strategy,
	         "stateful (default), dpor, exhaustive, bounded, random, pct, pos, urw, portfolio "
	         "(default with --time)",
	         "NAME"},
	        {"granularity", 0, 0, G_OPTION_ARG_STRING, &explore->granularity,
	         "call, sync (default), access", "NAME"},
	        {"subject", 0, 0, G_OPTION_ARG_FILENAME, &explore->subject,
	         "inline (default), process, aarch64, or a path", "SUBJECT"},
	        {"build", 0, 0, G_OPTION_ARG_STRING, &explore->build,
	         "plain (default), or instrumented: O2 (of access and dpor), O0", "BUILD"},
	        {"seed", 0, 0, G_OPTION_ARG_INT64, &explore->seed,
	         "of what is drawn at random; 1 if not given", "N"},
	        {"bound", 0, 0, G_OPTION_ARG_INT, &explore->bound,
	         "bounded: most preemptions, from 0", "N"},
	        {"first", 0, 0, G_OPTION_ARG_NONE, &explore->first, "end at the first finding",
	         NULL},
	        {"max-executions", 0, 0, G_OPTION_ARG_INT64, &explore->executions,
	         "end a search after so many", "N"},
	        {"max-states", 0, 0, G_OPTION_ARG_INT64, &explore->states,
	         "stateful: room for so many", "N"},
	        {"time", 0, 0, G_OPTION_ARG_DOUBLE, &explore->seconds,
	         "end the search of a file after so long", "SECONDS"},
	        {"jobs", 'j', 0, G_OPTION_ARG_INT, &explore->workers,
	         "processes that share a search; 0: one for each CPU", "N"},
	        {"memory", 0, 0, G_OPTION_ARG_STRING, &explore->memory,
	         "end a search that needs more than so much (1 GiB if not given): 512M, 4G",
	         "SIZE"},
	        {"checkpoint", 0, 0, G_OPTION_ARG_FILENAME, &explore->checkpoint,
	         "keep in this file, every second, where the search of one scenario stands",
	         "FILE"},
	        {"resume", 0, 0, G_OPTION_ARG_FILENAME, &explore->resume, "go on from a checkpoint",
	         "FILE"},
	        {"checkpoint-steps", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_INT64,
	         &explore->checkpoint_steps, "a checkpoint after so many steps, not by the clock",
	         "N"},
	        {"shard", 0, 0, G_OPTION_ARG_STRING, &explore->shard,
	         "only the K-th of N parts of the search; 'ffasim merge' joins", "K/N"},
	        {"result", 0, 0, G_OPTION_ARG_FILENAME, &explore->result,
	         "write what 'ffasim merge' needs", "FILE"},
	        {"progress", 0, 0, G_OPTION_ARG_NONE, &explore->progress,
	         "show how far it is, even if standard error is no terminal", NULL},
	        {"oracles-only", 0, 0, G_OPTION_ARG_NONE, &explore->oracles_only,
	         "do not judge what the scenarios themselves expect", NULL},
	        {"warn", 'W', 0, G_OPTION_ARG_CALLBACK, on_level,
	         "this oracle warns ('all'; 'no-ORACLE': is off)", "ORACLE"},
	        {"error", 'E', 0, G_OPTION_ARG_CALLBACK, on_level, "this oracle fails the scenario",
	         "ORACLE"},
	        {"out", 0, 0, G_OPTION_ARG_FILENAME, &explore->out,
	         "write each finding as a scenario into this folder", "DIR"},
	        {"replay", 0, 0, G_OPTION_ARG_STRING, &explore->replay,
	         "only the execution that a finding names, on one file", "STRING"},
	        TOOL_UNTIL_OPTIONS(&explore->until),
	        {"timeout", 0, 0, G_OPTION_ARG_INT, &explore->timeout,
	         "how long a subject may take to answer", "SECONDS"},
	        {"quiet", 'q', 0, G_OPTION_ARG_NONE, &explore->quiet,
	         "show files with findings only", NULL},
	        G_OPTION_ENTRY_NULL,
	};

	explore->seed = 1;
	explore->bound = SIM_EXPLORE_BOUND;
	explore->workers = 1;
	sim_oracle_default_levels(&explore->file.oracles);
	if (!tool_options_parse(entries, explore, count, arguments, error) ||
	    !tool_check_subject(explore->subject, explore->build, error) ||
	    !check_replay(explore, error) || !check_until(explore, error) ||
	    !check_limits(explore, error) || !choose_strategy(explore, error) ||
	    !choose_granularity(explore, error) || !choose_shard(explore, error) ||
	    !choose_memory(explore, error) || !check_build(explore, error))
		return false;
	fill_options(explore);
	return true;
}

static bool write_finding(const struct explore *explore, const struct sim_explored_file *file,
                          guint number, GError **error)
{
	const struct sim_explored_finding *finding = g_ptr_array_index(file->findings, number);
	g_autofree char *path = NULL;

	if (!finding->scenario)
		return true;
	path = tool_files_finding(explore->files, explore->out, file->path);
	return tool_file_write(path, finding->scenario, error);
}

static bool write_findings(const struct explore *explore, const struct sim_explored_file *file,
                           GError **error)
{
	if (!explore->out)
		return true;
	for (guint i = 0; i < file->findings->len; i++)
		if (!write_finding(explore, file, i, error))
			return false;
	return true;
}

/* What repeats a finding behind the name of the program, up to its --replay. */
static char *replay_options(const struct explore *explore)
{
	GString *line = g_string_new(" explore");

	tool_line_option(line, "--subject", explore->subject);
	tool_line_option(line, "--build", explore->file.subject.build);
	for (guint i = 0; i < explore->levels->len; i++)
		tool_line_word(line, g_ptr_array_index(explore->levels, i));
	if (explore->oracles_only)
		tool_line_word(line, "--oracles-only");
	return g_string_free(line, FALSE);
}

static bool explore_one(struct explore *explore, const struct tool_explore_text *how,
                        const char *path, struct sim_explored_sum *sum, GError **error)
{
	struct tool_progress progress = {
	        .path = path, .seconds = explore->seconds, .replay = how->replay};
	g_autoptr(SimExploredFile) file = NULL;
	g_autofree char *text = NULL;

	explore->file.sharing.user = &progress;
	file = sim_explore_file_apart(&explore->file, path, error);
	explore->file.sharing.user = NULL;
	tool_progress_end(&progress);
	if (!file)
		return false;
	sim_explored_sum_add(sum, file);
	text = tool_explore_text(how, file);
	return tool_print(text, error) && write_findings(explore, file, error);
}

static int run_until(const struct explore *explore, const char *path, GError **error)
{
	const struct sim_pause_options pause = {.path = path,
	                                        .replay = explore->replay,
	                                        .oracles_only = explore->oracles_only,
	                                        .oracles = explore->file.oracles,
	                                        .subject = explore->file.subject};

	return tool_until_run(&explore->until, &pause, explore->levels, error);
}

/* What speaks of one search goes with one file. */
static bool check_files(const struct explore *explore, char **paths, GError **error)
{
	const struct {
		const char *option;
		const char *given;
	} single[] = {{"--replay", explore->replay},
	              {"--checkpoint", explore->checkpoint},
	              {"--resume", explore->resume}};

	for (size_t i = 0; i < G_N_ELEMENTS(single) && g_strv_length(paths) != 1; i++) {
		if (!single[i].given)
			continue;
		g_set_error(error, TOOL_ERROR, TOOL_ERROR_USAGE, "%s takes one file",
		            single[i].option);
		return false;
	}
	return true;
}

static bool check_checkpoint(const struct explore *explore, GError **error)
{
	const char *path = explore->checkpoint;
	bool good = true;

	if (path && g_file_test(path, G_FILE_TEST_EXISTS) &&
	    !g_file_test(path, G_FILE_TEST_IS_REGULAR) && !g_file_test(path, G_FILE_TEST_IS_DIR)) {
		g_set_error(error, TOOL_ERROR, TOOL_ERROR_OUTPUT,
		            "cannot write '%s': a checkpoint is a file that is replaced", path);
		return false;
	}
	good = tool_files_write(explore->files, "--checkpoint", path, TOOL_FILE_CHECKPOINT, error);
	for (unsigned i = 1; path && good && i <= 2; i++) {
		g_autofree char *states = sim_states_path(path, i);

		good = tool_files_write(explore->files, "--checkpoint", states, TOOL_FILE_STATES,
		                        error);
	}
	return good;
}

/* A search may go on in the checkpoint that it comes from. */
static bool resumes_itself(const struct explore *explore)
{
	g_autofree char *from = explore->resume ? sim_file_key(explore->resume) : NULL;
	g_autofree char *to = explore->checkpoint ? sim_file_key(explore->checkpoint) : NULL;

	return from && g_strcmp0(from, to) == 0;
}

/* What cannot be written is known before anything is searched. */
static bool check_outputs(struct explore *explore, char **paths, GError **error)
{
	struct tool_files *files = explore->files;

	tool_files_read_all(files, (const char *const *)paths);
	tool_files_read(files, explore->subject);
	if (!resumes_itself(explore))
		tool_files_read(files, explore->resume);
	if (!tool_files_write(files, "--result", explore->result, TOOL_FILE_RESULT, error) ||
	    !check_checkpoint(explore, error))
		return false;
	for (; explore->out && *paths; paths++)
		if (!tool_files_write_findings(files, explore->out, *paths, error))
			return false;
	return true;
}

/* The exit code, with the results written. */
static int end_files(struct explore *explore, unsigned done, unsigned count,
                     const struct sim_explored_sum *sum, GError **error)
{
	int number = tool_signalled;

	if (explore->result) {
		g_autofree char *text = sim_result_text(explore->file.sharing.results);

		if (!tool_file_write(explore->result, text, error))
			return TOOL_FAILED;
	}
	if (!number)
		return sim_explored_exit_code(sum);
	tool_complain("interrupted by signal %d (%s) in scenario %u of %u", number,
	              g_strsignal(number), done, count);
	return TOOL_EXIT_SIGNAL + number;
}

/* Whether what was asked for is found. */
static bool is_over(const struct explore *explore, const struct sim_explored_sum *sum)
{
	return explore->first &&
	       sim_verdict_rank(sum->worst) >= sim_verdict_rank(SIM_VERDICT_DIVERGED);
}

/* What --first leaves out. */
static void tell_rest(const struct explore *explore, unsigned rest)
{
	if (rest && explore->first && !tool_signalled)
		fprintf(stderr, "%u more scenario%s not explored\n", rest,
		        rest == 1 ? " was" : "s were");
}

static int explore_files(struct explore *explore, char **paths, GError **error)
{
	struct sim_explore_sharing *sharing = &explore->file.sharing;
	struct sim_explored_sum sum = {.worst = SIM_VERDICT_PASS};
	g_autofree char *options = replay_options(explore);
	g_autofree char *command = tool_line_start(options);
	const struct tool_explore_text how = {.quiet = explore->quiet, .replay = command};
	unsigned done = 0, count = g_strv_length(paths);
	sigset_t wait_mask;
	bool good = true;

	if (!check_files(explore, paths, error) || !check_outputs(explore, paths, error))
		return TOOL_FAILED;
	if (explore->until.step)
		return run_until(explore, paths[0], error);
	tool_signals_watch(&wait_mask);
	sharing->wait_mask = &wait_mask;
	sharing->stop = &tool_signalled;
	sharing->command = options;
	if (explore->progress || (!explore->quiet && isatty(STDERR_FILENO)))
		sharing->on_progress = tool_progress_show;
	if (!explore->quiet)
		sharing->on_found = tool_progress_found;
	if (explore->result)
		sharing->results = json_object_new_array();
	while (good && done < count && !tool_signalled && !is_over(explore, &sum))
		good = explore_one(explore, &how, paths[done++], &sum, error);
	sharing->wait_mask = NULL;
	sharing->command = NULL;
	if (good)
		tell_rest(explore, count - done);
	if (good)
		done = (unsigned)end_files(explore, done, count, &sum, error);
	json_object_put(sharing->results);
	return good ? (int)done : TOOL_FAILED;
}

/* States are known again only where the subject lies at the same address: without a random one. */
static void fix_addresses(const struct explore *explore, char **arguments)
{
	int now = personality(0xffffffff);

	if ((!explore->checkpoint && !explore->resume) || now < 0 || now & ADDR_NO_RANDOMIZE ||
	    explore->file.search.strategy != SIM_STRATEGY_STATEFUL)
		return;
	if (personality((unsigned long)now | ADDR_NO_RANDOMIZE) >= 0)
		execv("/proc/self/exe", arguments);
}

int tool_verb_explore(int count, char **arguments, GError **error)
{
	struct explore explore = {.levels = g_ptr_array_new_with_free_func(g_free),
	                          .files = tool_files_new()};
	g_auto(GStrv) paths = NULL;
	char **given = arguments - 1; /* from the program's name on */
	char **split = split_jobs(&count, arguments);
	int code = TOOL_FAILED;

	arguments = split;
	if (parse(&explore, &count, &arguments, error)) {
		fix_addresses(&explore, given);
		paths = tool_collect(count, arguments, error);
	}
	if (paths)
		code = explore_files(&explore, paths, error);
	g_free(split);
	g_ptr_array_unref(explore.levels);
	tool_files_free(explore.files);
	g_free(explore.subject);
	g_free(explore.build);
	g_free(explore.strategy);
	g_free(explore.granularity);
	g_free(explore.replay);
	g_free(explore.until.script);
	g_free(explore.shard);
	g_free(explore.result);
	g_free(explore.checkpoint);
	g_free(explore.resume);
	g_free(explore.memory);
	g_free(explore.out);
	return code;
}
