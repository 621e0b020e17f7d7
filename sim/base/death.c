/* SPDX-License-Identifier: MIT */
/* The one place that says how a process ended, and who is to blame. */
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "sim/base/process.h"

/* What a signal from outside usually stands for. */
static const struct {
	int number;
	const char *cause;
} causes[] = {
        {SIGKILL, ": by somebody, or by the kernel, which had no memory left"},
        {SIGXCPU, ": its limit of CPU time is used up (ulimit -t)"},
        {SIGXFSZ, ": its limit of the size of a file is reached (ulimit -f)"},
};

/* Where the limit that ends a process without a choice is reached as well. */
static bool is_cpu_limited(void)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_CPU, &limit) == 0 && limit.rlim_max != RLIM_INFINITY;
}

static const char *cause_of(int number)
{
	if (number == SIGKILL && is_cpu_limited())
		return ": its limit of CPU time is used up (ulimit -t), or somebody did it";
	for (size_t i = 0; i < G_N_ELEMENTS(causes); i++)
		if (causes[i].number == number)
			return causes[i].cause;
	return "";
}

static const char *plural(unsigned count)
{
	return count == 1 ? "" : "s";
}

static void judge_sleep(const struct sim_process *process, struct sim_death *ret_death)
{
	unsigned seconds = process->timeout;

	if (process->state != 'S' && process->state != 'R') {
		ret_death->blame = SIM_BLAME_ENVIRONMENT;
		ret_death->text = g_strdup_printf("a process of ffasim was %s for %u second%s",
		                                  process->state == 'D' ? "held by the kernel"
		                                                        : "stopped from outside",
		                                  seconds, plural(seconds));
	} else if (process->inside) {
		ret_death->blame = SIM_BLAME_SUBJECT;
		ret_death->text = g_strdup_printf("the subject has not answered for %u second%s",
		                                  seconds, plural(seconds));
	} else {
		ret_death->blame = SIM_BLAME_FFASIM;
		ret_death->text = g_strdup_printf("a process of ffasim did nothing for %u second%s",
		                                  seconds, plural(seconds));
	}
}

static void judge_signal(const struct sim_process *process, int number, struct sim_death *ret_death)
{
	const char *name = g_strsignal(number);

	if (process->fault.no_memory) {
		ret_death->blame = SIM_BLAME_ENVIRONMENT;
		ret_death->text =
		        g_strdup_printf("out of memory%s%s", process->fault.text[0] ? ": " : "",
		                        process->fault.text);
	} else if (process->fault.sender || !sim_fault_is_own(number)) {
		ret_death->blame = SIM_BLAME_ENVIRONMENT;
		ret_death->text =
		        g_strdup_printf("a process of ffasim was ended from outside with signal "
		                        "%d (%s)%s",
		                        number, name, cause_of(number));
	} else if (process->inside) {
		ret_death->blame = SIM_BLAME_SUBJECT;
		ret_death->text = g_strdup_printf(
		        "the subject took its process down with signal %d (%s)", number, name);
	} else {
		ret_death->blame = SIM_BLAME_FFASIM;
		ret_death->text = g_strdup_printf(
		        "code of ffasim ended its process with signal %d (%s)", number, name);
	}
}

static void judge_status(const struct sim_process *process, int status, struct sim_death *ret_death)
{
	ret_death->blame = process->inside ? SIM_BLAME_SUBJECT : SIM_BLAME_FFASIM;
	ret_death->text =
	        g_strdup_printf("%s ended its process with status %d",
	                        process->inside ? "the subject" : "code of ffasim", status);
}

void sim_process_death(const struct sim_process *process, struct sim_death *ret_death)
{
	if (process->asleep)
		judge_sleep(process, ret_death);
	else if (WIFSIGNALED(process->status))
		judge_signal(process, WTERMSIG(process->status), ret_death);
	else
		judge_status(process, WEXITSTATUS(process->status), ret_death);
}
