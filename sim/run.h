/* SPDX-License-Identifier: MIT */
/*
 * One scenario being run on one world. Flow: sim_run_scenario() boots the
 * machine, does the set-up, takes a snapshot, and for every schedule goes back
 * to it, lets the script decide who runs (sim/schedule), asks oracles and
 * outcomes at rest, and takes the machine down.
 *
 * What changes during a run and must go back with the world's snapshot is flat,
 * in struct sim_run_state, and, where only what is used of it is saved, beside it
 * (orders, race). The report grows outside of it.
 */
#ifndef SIM_RUN_H
#define SIM_RUN_H

#include <glib.h>

#include "emu/world/world.h"
#include "sim/debug/frames.h"
#include "sim/model/linear.h"
#include "sim/oracle/lock.h"
#include "sim/oracle/race.h"
#include "sim/oracle/state.h"
#include "sim/report.h"
#include "sim/scenario/expr.h"
#include "sim/scenario/scenario.h"
#include "sim/unjudged.h"

/* Where no step ends within so many stops, something does not end. */
#define SIM_MAX_STOPS 20000u

/* An actor: where it is in its steps. Its context in the world has the same index. */
struct sim_actor {
	uint32_t step;  /* the next, or the one that is under way */
	bool busy;      /* its step is under way */
	uint8_t online; /* of a creation under way: vCPUs that came on line already */
};

struct sim_result {
	bool done;
	uint32_t fid;
	int32_t status;
	struct ffa_regs regs;
};

struct sim_run_state {
	struct sim_actor actors[SIM_SYSTEM_END]; /* of threads, and of the system */
	uint32_t npi_base[SIM_MAX_VMS];          /* NPIs accepted during the set-up */
	uint32_t counts[SIM_MAX_COUNTERS];       /* of the scenario's counters */
	uint32_t stops;
	uint32_t ended_at; /* what `stops` was when a step of a thread ended, or something began
	                      that nobody else has a part in */
	uint32_t stepping; /* the actor whose events these are, when the world has no context for it
	                    */
	struct sim_oracle_state oracles;
	struct sim_result results[SIM_MAX_LABELS]; /* last: only the scenario's labels count */
};

/* Which narratives a report gets. */
enum sim_narrating {
	SIM_NARRATE_NONE,
	SIM_NARRATE_FAILURE, /* of the schedule, or the set-up, that fails first */
	SIM_NARRATE_ALL,
};

struct sim_run {
	const struct sim_scenario *scenario;
	struct world *world;
	struct sim_report *report;
	const struct sim_oracle_levels *levels;
	const char *only_schedule;           /* or NULL */
	const struct sim_schedule *schedule; /* NULL during the set-up */
	enum sim_narrating narrates;
	enum sim_moment moment;       /* of what happens now */
	bool failed;                  /* this schedule has a finding that ends it */
	bool oracles_only;            /* what the scenario itself expects is not judged */
	bool left_out;                /* there is something in the next */
	struct sim_unjudged unjudged; /* since somebody took it; no part of the state */
	uint64_t calls;
	GString *trace; /* NULL, like the next: nothing is written down */
	GString *diagnostics;
	/* Called before a context goes on, or begins a step; NULL: nobody wants to know. */
	void (*on_go)(struct sim_run *run, uint32_t context);
	void *watcher; /* of on_go */
	struct sim_lock lock;
	struct sim_race race;
	struct sim_unwinder *unwinder; /* NULL until it is needed */
	struct sim_linear orders; /* of the oracle "model": as much part of the state as the next */
	struct sim_run_state state;
};

/* Runs everything; the findings, traces and counts go to the report. */
void sim_run_scenario(struct sim_run *run);

/*
 * The parts of it, for whoever decides himself who runs. The world's events go to the run from
 * sim_run_listen() on, to nobody after sim_run_ignore(). sim_run_begin() does all that comes before
 * a schedule; false: there is nothing to go on with. sim_run_judge() asks oracles and outcomes at
 * rest, then takes the machine down; seen as in sim_outcomes_at_rest().
 */
void sim_run_listen(struct sim_run *run);
void sim_run_ignore(struct sim_run *run);
bool sim_run_begin(struct sim_run *run);
void sim_run_judge(struct sim_run *run, bool *seen);

/* What never ends is no pass, even if nobody but an oracle that is off, or warns, can tell: if the
 * run has failed, and no finding from `first` on says more, there is one of `what`.
 */
void sim_run_never_a_pass(struct sim_run *run, guint first, const char *what);

/* Makes the world's configuration of a scenario's machine. */
void sim_machine_to_world(const struct sim_machine *machine, struct world_config *ret_config);

/* A finding about the schedule that runs now (or the set-up). */
struct sim_finding *sim_run_add(struct sim_run *run, enum sim_verdict verdict,
                                enum sim_source source, const struct sim_place *place,
                                const char *format, ...) G_GNUC_PRINTF(5, 6);

/* A finding of an oracle at its level; NULL if it is off. */
struct sim_finding *sim_run_oracle(struct sim_run *run, enum sim_oracle_id id,
                                   enum sim_verdict verdict, const char *format, ...)
        G_GNUC_PRINTF(4, 5);

/* Stops of a call that asks on a copy of the state what is pending, or which interrupt is the NPI.
 */
#define SIM_PROBE_STOPS WORLD_PROBE_STOPS

/* The limit's oracle cannot judge something that the run does now; nothing if it is off. */
void sim_run_unjudged(struct sim_run *run, enum sim_limit limit);

/* The call frames of a context, see sim_frames_new(). */
GPtrArray *sim_run_frames(struct sim_run *run, uint32_t context);

/* "vm1", "sp1", "host", "0x12": an endpoint by the scenario's name for it. */
const char *sim_endpoint_name(const struct sim_scenario *scenario, struct ffa_id id, char *buffer,
                              size_t size);

/* A call, and the answer to one, as text with the scenario's names: see abi/ffa_text.h. */
void sim_describe_call(const struct sim_scenario *scenario, const struct ffa_regs *regs,
                       char *buffer, size_t size);
void sim_describe_answer(const struct sim_scenario *scenario, uint32_t fid,
                         const struct ffa_regs *regs, char *buffer, size_t size);

/* "page 1 of vm1": by its place in the memory of the machine, from 0. Caller frees. */
char *sim_page_name(const struct sim_scenario *scenario, unsigned page);

/* "notif[vm1]" */
const char *sim_object_name(const struct sim_scenario *scenario, const struct world_object *object,
                            char *buffer, size_t size);

/* The name of the actor behind a context: "vm1.0", "host", "machine" for boot and VM set-up. */
const char *sim_actor_name(const struct sim_run *run, uint32_t context);

/* Compares an answer with what a step expects; a difference is a finding. */
void sim_check_expect(struct sim_run *run, const struct sim_step *step,
                      const struct ffa_regs *answer, int32_t status);

/*
 * Judges "always", "never" and "scheduled" and notes "sometimes" at rest; judges "sometimes" at the
 * end. seen has an element for every outcome of the scenario.
 */
void sim_outcomes_at_rest(struct sim_run *run, bool *seen);
void sim_outcomes_at_end(struct sim_run *run, const bool *seen);

/* The machine's own context: boots, creates VMs, takes everything down. Those of the system follow.
 */
static inline uint32_t sim_machine_context(const struct sim_run *run)
{
	return run->scenario->thread_count;
}

static inline uint32_t sim_actor_context(const struct sim_run *run, unsigned actor)
{
	if (actor < SIM_SYSTEM_SRI)
		return actor;
	return sim_machine_context(run) + 1 + (actor - SIM_SYSTEM_SRI);
}

#endif
