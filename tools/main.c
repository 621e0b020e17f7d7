/* SPDX-License-Identifier: MIT */
/* The ffasim command: finds the verb, and is the only place that prints errors. */
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "sim/report.h"
#include "sim/scenario/suggest.h"
#include "tools/tool.h"

/* Bytes that the stack may have to take. */
#define LEAST_STACK (1024u * 1024u)

#define COLOR_ERROR "\033[1;31m"
#define COLOR_OFF   "\033[0m"

G_DEFINE_QUARK(tool - error - quark, tool_error)

const struct tool_command tool_commands[] = {
        {"run", "run scenarios and judge them", "[OPTION...] FILE|DIR...",
         "A folder stands for all '*.json' below it, sorted by name.\n", tool_verb_run},
        {"check", "load scenarios and say what is wrong with them", "FILE|DIR...", NULL,
         tool_verb_check},
        {"list", "tell what each scenario is about", "[--format text|json] FILE|DIR...", NULL,
         tool_verb_list},
        {"replay", "run one scenario and show every step", "[OPTION...] FILE",
         "With --schedule only that one; with -v also allocations, log lines and accesses.\n",
         tool_verb_replay},
        {"explore", "go through the orders that a scenario allows", "[OPTION...] FILE|DIR...",
         "The schedules of the files play no part. Every finding comes with the shortest\n"
         "schedule known, as a table, as a string for --replay and, with --out, as a scenario.\n",
         tool_verb_explore},
        {"shrink", "make a failing scenario as small as it can be", "[OPTION...] FILE",
         "What is left fails for the same reason: the same oracle or expectation says the same.\n"
         "It is written beside FILE, as NAME-shrunk.json, or where -o says.\n",
         tool_verb_shrink},
        {"merge", "put the results of a split exploration together", "[-q] RESULT...",
         "The results are those of 'explore --shard K/N --result FILE', one for each shard. The\n"
         "report is that of one exploration for all.\n",
         tool_verb_merge},
        {"compare", "run scenarios on two subjects and show where they first part",
         "--subject A --subject B FILE|DIR...",
         "Compares the contract traces, which must not depend on subject or build.\n",
         tool_verb_compare},
        {"explain", "tell what an oracle checks, and why", "[ORACLE]",
         "Without an argument, lists the oracles.\n", tool_verb_explain},
        {"abi", "show what the registers of an FF-A call carry", "[CALL|ID|STATUS]",
         "A call by its name or function id; a status code by its name or number.\n"
         "Without an argument, lists the calls.\n",
         tool_verb_abi},
        {"schema", "print the JSON Schema of scenario files", "", NULL, tool_verb_schema},
        {"help", "show the help of a verb", "[VERB]", NULL, tool_verb_help},
        {NULL, NULL, NULL, NULL, NULL},
};

static const struct tool_command *current;
static const char *program = "ffasim";

const struct tool_command *tool_current(void)
{
	return current;
}

const char *tool_program(void)
{
	return program;
}

const struct tool_command *tool_command_find(const char *name, GError **error)
{
	g_autofree char *hint = NULL;
	struct sim_suggest suggest;

	sim_suggest_init(&suggest, name);
	for (const struct tool_command *command = tool_commands; command->name; command++) {
		if (strcmp(command->name, name) == 0)
			return command;
		sim_suggest_offer(&suggest, command->name);
	}
	hint = sim_suggest_text(&suggest);
	g_set_error(error, TOOL_ERROR, TOOL_ERROR_USAGE, "unknown verb '%s'%s; see 'ffasim help'",
	            name, hint);
	return NULL;
}

void tool_complain(const char *format, ...)
{
	bool color = tool_color(STDERR_FILENO);
	va_list arguments;

	fflush(stdout);
	fprintf(stderr, "ffasim: %serror:%s ", color ? COLOR_ERROR : "", color ? COLOR_OFF : "");
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
}

bool tool_print(const char *text, GError **error)
{
	if (fputs(text, stdout) >= 0 && fflush(stdout) == 0)
		return true;
	g_set_error(error, TOOL_ERROR, TOOL_ERROR_OUTPUT, "cannot write to standard output: %s",
	            g_strerror(errno));
	return false;
}

static int exit_code_of(const GError *error)
{
	static const int codes[] = {
	        [TOOL_ERROR_USAGE] = TOOL_EXIT_USAGE,
	        [TOOL_ERROR_OUTPUT] = TOOL_EXIT_USAGE,
	        [TOOL_ERROR_SUBJECT] = TOOL_EXIT_SUBJECT,
	        [TOOL_ERROR_ENVIRONMENT] = TOOL_EXIT_ENVIRONMENT,
	};

	if (error->domain == TOOL_ERROR)
		return codes[error->code];
	if (g_error_matches(error, SIM_ERROR, SIM_ERROR_USAGE))
		return TOOL_EXIT_USAGE;
	if (error->domain == SIM_ERROR)
		return sim_verdict_exit_code(sim_verdict_of_error(error));
	if (error->domain != G_FILE_ERROR)
		return TOOL_EXIT_BUG;
	return sim_error_of_file(error, SIM_ERROR_FILE) == SIM_ERROR_ENVIRONMENT
	               ? TOOL_EXIT_ENVIRONMENT
	               : TOOL_EXIT_INVALID;
}

int tool_command_run(const struct tool_command *command, int count, char **arguments,
                     GError **error)
{
	current = command;
	return command->fn(count, arguments, error);
}

static int run_command(int count, char **arguments, GError **error)
{
	const struct tool_command *command;
	const char *verb = count > 1 ? arguments[1] : NULL;

	if (!verb) {
		g_set_error(error, TOOL_ERROR, TOOL_ERROR_USAGE,
		            "no verb given; see 'ffasim help'");
		return TOOL_FAILED;
	}
	if (strcmp(verb, "--version") == 0)
		return tool_print("ffasim " FFASIM_VERSION "\n", error) ? TOOL_EXIT_PASS
		                                                        : TOOL_FAILED;
	if (strcmp(verb, "--help") == 0 || strcmp(verb, "-h") == 0)
		verb = "help";
	if (verb[0] == '-') {
		g_autofree char *hint =
		        sim_suggest_from(verb, (const char *const[]){"--version", "--help", NULL});

		g_set_error(error, TOOL_ERROR, TOOL_ERROR_USAGE,
		            "unknown option '%s'%s; options of a verb follow the verb", verb, hint);
		return TOOL_FAILED;
	}
	command = tool_command_find(verb, error);
	if (!command)
		return TOOL_FAILED;
	return tool_command_run(command, count - 1, arguments + 1, error);
}

static void write_error(const char *text)
{
	if (write(STDERR_FILENO, text, strlen(text)) < 0)
		return;
}

/* In the handler of a signal: no more than a line, and an exit code that says whose fault it is. */
static void end_by_fault(const struct sim_fault *fault)
{
	if (fault->sender)
		return;
	write_error("ffasim: error: ");
	write_error(fault->no_memory ? "out of memory" : "a bug in ffasim: it ended with signal ");
	write_error(fault->no_memory ? fault->text[0] ? ": " : "" : "");
	write_error(fault->no_memory ? fault->text : sigabbrev_np(fault->number));
	write_error("\n");
	_exit(fault->no_memory ? TOOL_EXIT_ENVIRONMENT : TOOL_EXIT_BUG);
}

/* What a limit is raised to if the system lets it be; what is less is known before it is met. */
static bool has_stack(GError **error)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_STACK, &limit) || limit.rlim_cur >= LEAST_STACK)
		return true;
	limit.rlim_cur = MIN(limit.rlim_max, LEAST_STACK);
	setrlimit(RLIMIT_STACK, &limit);
	if (limit.rlim_cur >= LEAST_STACK)
		return true;
	g_set_error(error, TOOL_ERROR, TOOL_ERROR_ENVIRONMENT,
	            "the stack has a limit of %" G_GUINT64_FORMAT
	            " KiB (ulimit -s), and ffasim needs %u",
	            (guint64)limit.rlim_cur / 1024, LEAST_STACK / 1024);
	return false;
}

int main(int count, char **arguments)
{
	g_autoptr(GError) error = NULL;
	int code;

	if (count > 0 && arguments[0][0])
		program = arguments[0];
	g_set_prgname("ffasim");
	/* a file that gets too large is an error where it is written */
	signal(SIGXFSZ, SIG_IGN);
	sim_fault_watch(end_by_fault);
	code = has_stack(&error) ? run_command(count, arguments, &error) : TOOL_FAILED;
	if (code != TOOL_FAILED)
		return code;
	if (!error) {
		tool_complain("a bug in ffasim: a failure without a cause");
		return TOOL_EXIT_BUG;
	}
	tool_complain("%s", error->message);
	return exit_code_of(error);
}
