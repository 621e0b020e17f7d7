/* SPDX-License-Identifier: MIT */
/* Follows the conversation of every entry, and holds what is said against its rules. */
#include "sim/model/conduit.h"

#include <stdarg.h>
#include <string.h>

#include "abi/ffa_decode.h"
#include "sim/model/firmware.h"
#include "sim/model/sp_news.h"
#include "sim/model/sp_version.h"
#include "sim/run.h"

static const struct sim_model_rules nothing_rules = {NULL};

static const struct sim_model_rules *const rules[SHIM_ENTRY_COUNT] = {
        [SHIM_ENTRY_BOOT] = &sim_model_boot_rules,
        [SHIM_ENTRY_SHUTDOWN] = &sim_model_shutdown_rules,
        [SHIM_ENTRY_VM_CREATE] = &sim_model_create_rules,
        [SHIM_ENTRY_VM_DESTROY] = &sim_model_destroy_rules,
        [SHIM_ENTRY_TIMER] = &sim_model_timer_rules,
        [SHIM_ENTRY_GUEST_CALL] = &sim_model_call_rules,
        [SHIM_ENTRY_VCPU_ON] = &sim_model_vcpu_rules,
        [SHIM_ENTRY_VCPU_OFF] = &sim_model_vcpu_rules,
        [SHIM_ENTRY_INTERRUPT] = &sim_model_interrupt_rules,
        [SHIM_ENTRY_WORK] = &sim_model_work_rules,
        [SHIM_ENTRY_BARE] = &nothing_rules,
};

/* Names */

unsigned sim_model_vm_of_id(const struct sim_run *run, uint32_t id)
{
	const struct world_config *config = &run->world->config;

	for (unsigned i = 0; i < config->vm_count; i++)
		if (config->vms[i].id.v == id)
			return i;
	return SIM_MODEL_NO_VM;
}

unsigned sim_model_vm_of_index(const struct sim_run *run, uint32_t index)
{
	if (index >= run->world->config.vm_count)
		return SIM_MODEL_NO_VM;
	return sim_model_vm_of_id(run, run->world->config.vms[index].id.v);
}

const char *sim_model_vm_name(const struct sim_run *run, unsigned vm)
{
	return vm < run->scenario->machine.vm_count ? run->scenario->machine.vms[vm].name : "a VM";
}

const char *sim_model_status_text(int32_t status, char *buffer, size_t size)
{
	const char *name = ffa_status_name(status);

	if (name)
		return name;
	g_snprintf(buffer, size, "%d", status);
	return buffer;
}

static void append_entry(GString *text, const struct sim_model_scene *scene)
{
	const struct sim_model_talk *talk = scene->talk;
	const char *vm = sim_model_vm_name(scene->run, talk->vm);

	switch (talk->entry) {
	case SHIM_ENTRY_BOOT:
		g_string_append(text, "the boot");
		break;
	case SHIM_ENTRY_SHUTDOWN:
		g_string_append(text, "the shutdown");
		break;
	case SHIM_ENTRY_VM_CREATE:
		g_string_append_printf(text, "the creation of %s", vm);
		break;
	case SHIM_ENTRY_VM_DESTROY:
		g_string_append_printf(text, "the end of %s", vm);
		break;
	case SHIM_ENTRY_GUEST_CALL:
		g_string_append_printf(text, "%s of %s.%u",
		                       ffa_fid_name(talk->arg[0]) ? ffa_fid_name(talk->arg[0])
		                                                  : "an unknown call",
		                       vm, scene->run->world->state.contexts[scene->context].vcpu);
		break;
	case SHIM_ENTRY_VCPU_ON:
		g_string_append_printf(text, "a vCPU of %s that comes on line", vm);
		break;
	case SHIM_ENTRY_VCPU_OFF:
		g_string_append_printf(text, "a vCPU of %s that goes off line", vm);
		break;
	case SHIM_ENTRY_INTERRUPT:
		g_string_append(text, "the interrupt");
		break;
	case SHIM_ENTRY_WORK:
		g_string_append(text, "the work");
		break;
	default:
		g_string_append(text, "the timer");
		break;
	}
}

static void append_call(GString *text, const struct ffa_regs *regs)
{
	const char *name = ffa_fid_name((uint32_t)regs->x[0]);

	if (name && regs->x[0] <= UINT32_MAX)
		g_string_append(text, name);
	else
		g_string_append_printf(text, "0x%" G_GINT64_MODIFIER "x", regs->x[0]);
	for (unsigned i = 1; i < FFA_REG_COUNT; i++)
		if (regs->x[i])
			g_string_append_printf(text, " x%u=0x%" G_GINT64_MODIFIER "x", i,
			                       regs->x[i]);
}

static void append_turn(GString *text, const struct sim_model_turn *turn)
{
	const char *between = "";

	for (unsigned i = 0; i < turn->count; i++) {
		g_string_append(text, between);
		append_call(text, &turn->say[i]);
		between = ", or ";
	}
	if (turn->question) {
		g_string_append_printf(text, "%sFFA_FEATURES", between);
		between = ", or ";
	}
	if (turn->act) {
		g_string_append_printf(text, "%s%s", between, turn->act);
		between = ", or ";
	}
	if (turn->end || !*between)
		g_string_append_printf(text, "%sits end", between);
}

void sim_model_object(struct sim_model_scene *scene, const char *format, ...)
{
	GString *text = g_string_new(NULL);
	va_list arguments;

	append_entry(text, scene);
	g_string_append_c(text, ' ');
	va_start(arguments, format);
	g_string_append_vprintf(text, format, arguments);
	va_end(arguments);
	sim_model_refute(scene->run, "%s", text->str);
	g_string_free(text, TRUE);
	memset(scene->talk, 0, sizeof *scene->talk);
}

/* What is said */

void sim_model_say(struct sim_model_turn *turn, uint8_t said, struct ffa_regs regs)
{
	g_assert(turn->count < SIM_MODEL_MAX_SAYINGS);
	turn->say[turn->count] = regs;
	turn->said[turn->count++] = said;
}

bool sim_model_succeeds(const struct ffa_regs *answer)
{
	uint32_t fid = (uint32_t)answer->x[0];

	return fid == FFA_SUCCESS_32 || fid == FFA_SUCCESS_64;
}

int32_t sim_model_status(const struct ffa_regs *answer)
{
	int32_t code = (int32_t)(uint32_t)answer->x[2];

	if (sim_model_succeeds(answer))
		return FFA_OK;
	return (uint32_t)answer->x[0] == FFA_ERROR_32 && code < 0 ? code : FFA_NOT_SUPPORTED;
}

bool sim_model_asks_again(struct sim_model_talk *talk, const struct ffa_regs *answer)
{
	int32_t status = sim_model_status(answer);

	if ((status == FFA_BUSY || status == FFA_RETRY) && ++talk->busy < SIM_MODEL_BUSY_CALLS)
		return true;
	talk->busy = 0;
	return false;
}

static const struct sim_model_rules *rules_of(const struct sim_model_scene *scene)
{
	const struct sim_model_rules *found = rules[scene->talk->entry];

	return found ? found : &nothing_rules;
}

static void fill_turn(const struct sim_model_scene *scene, struct sim_model_turn *turn)
{
	const struct sim_model_rules *own = rules_of(scene);

	turn->count = 0;
	turn->question = turn->end = false;
	turn->act = NULL;
	if (own->turn)
		own->turn(scene, turn);
	else
		turn->end = true;
}

/* FFA_FEATURES about anything, and nothing else in it. */
static bool is_question(const struct ffa_regs *regs)
{
	const struct ffa_regs plain = {{FFA_FEATURES_32, (uint32_t)regs->x[1]}};

	return memcmp(regs, &plain, sizeof plain) == 0;
}

/* Whether this may be said; the talk notes what it is. */
static bool find_saying(struct sim_model_talk *talk, const struct sim_model_turn *turn,
                        const struct ffa_regs *regs)
{
	for (unsigned i = 0; i < turn->count; i++) {
		if (memcmp(&turn->say[i], regs, sizeof *regs) != 0)
			continue;
		talk->said = turn->said[i];
		return true;
	}
	talk->said = SIM_MODEL_QUESTION;
	return turn->question && is_question(regs);
}

static void refute_saying(struct sim_model_scene *scene, const struct sim_model_turn *turn,
                          const struct ffa_regs *regs)
{
	GString *text = g_string_new(NULL);

	append_call(text, regs);
	g_string_append(text, "; allowed: ");
	append_turn(text, turn);
	sim_model_object(scene, "says to the SPMC %s", text->str);
	g_string_free(text, TRUE);
}

static void on_smc(struct sim_model_scene *scene, const struct world_event *event)
{
	struct sim_model_turn turn;

	fill_turn(scene, &turn);
	scene->talk->asked = (uint32_t)event->regs->x[1];
	if (!find_saying(scene->talk, &turn, event->regs))
		refute_saying(scene, &turn, event->regs);
}

static void on_answer(struct sim_model_scene *scene, const struct world_event *event)
{
	const struct sim_model_rules *own = rules_of(scene);

	if (own->hear)
		own->hear(scene, event->regs);
	scene->talk->said = 0;
	scene->talk->asked = 0;
}

/* What the entry answers, in words; NULL if it answers nothing. */
static const char *answer_text(const struct world_event *event, uint32_t fid, char *buffer,
                               size_t size)
{
	if (event->entry == SHIM_ENTRY_GUEST_CALL)
		return sim_model_status_text(ffa_answer_status(fid, event->regs), buffer, size);
	if (event->entry == SHIM_ENTRY_BOOT || event->entry == SHIM_ENTRY_VM_CREATE)
		return sim_model_status_text((int32_t)event->result, buffer, size);
	return NULL;
}

static void refute_end(struct sim_model_scene *scene, const struct sim_model_turn *turn,
                       const struct world_event *event)
{
	GString *text = g_string_new(NULL);
	char buffer[16];
	const char *answer = answer_text(event, scene->talk->arg[0], buffer, sizeof buffer);

	g_string_append_printf(text, "ends%s%s; allowed: ", answer ? " with " : "",
	                       answer ? answer : "");
	append_turn(text, turn);
	sim_model_object(scene, "%s", text->str);
	g_string_free(text, TRUE);
}

static void on_leave(struct sim_model_scene *scene, const struct world_event *event)
{
	const struct sim_model_rules *own = rules_of(scene);
	struct sim_model_turn turn;

	fill_turn(scene, &turn);
	if (!turn.end)
		refute_end(scene, &turn, event);
	else if (own->leave)
		own->leave(scene, event);
	memset(scene->talk, 0, sizeof *scene->talk);
}

/* The boot is under way already when it is known what the mediator follows. */
static void on_enter(struct sim_model_scene *scene, const struct world_event *event,
                     enum shim_entry entry)
{
	const struct sim_model_rules *own;

	memset(scene->talk, 0, sizeof *scene->talk);
	scene->talk->entry = (uint8_t)entry;
	scene->talk->vm = (uint8_t)SIM_MODEL_NO_VM;
	own = rules_of(scene);
	if (own->enter)
		own->enter(scene, event);
}

/* Events */

static bool concerns(enum world_event_kind kind)
{
	static const bool heard[WORLD_EVENT_COUNT] = {
	        [WORLD_EVENT_ENTER] = true,      [WORLD_EVENT_LEAVE] = true,
	        [WORLD_EVENT_SMC] = true,        [WORLD_EVENT_SMC_DONE] = true,
	        [WORLD_EVENT_LOCK] = true,       [WORLD_EVENT_INJECT] = true,
	        [WORLD_EVENT_PAGE_ALLOC] = true, [WORLD_EVENT_PAGE_FREE] = true,
	        [WORLD_EVENT_DEFER] = true,      [WORLD_EVENT_TIMER_SET] = true,
	        [WORLD_EVENT_ALLOC] = true,      [WORLD_EVENT_VM_GONE] = true,
	        [WORLD_EVENT_VCPU_OFF] = true,
	};

	return heard[kind];
}

/* What matters whoever does it. */
static void watch(struct sim_model_scene *scene, const struct world_event *event)
{
	if (event->kind == WORLD_EVENT_VCPU_OFF)
		sim_model_vcpu_went_off(scene, event);
	else if (event->kind == WORLD_EVENT_PAGE_FREE)
		sim_model_page_freed(scene, event);
	else if (event->kind == WORLD_EVENT_ENTER || event->kind == WORLD_EVENT_LEAVE)
		sim_model_follow_version(scene, event);
}

static void tell_rules(struct sim_model_scene *scene, const struct world_event *event)
{
	const struct sim_model_rules *own = rules_of(scene);

	switch (event->kind) {
	case WORLD_EVENT_SMC:
		on_smc(scene, event);
		break;
	case WORLD_EVENT_SMC_DONE:
		on_answer(scene, event);
		break;
	case WORLD_EVENT_LEAVE:
		on_leave(scene, event);
		break;
	default:
		if (own->act)
			own->act(scene, event);
		break;
	}
}

static void on_event(struct sim_run *run, const struct world_event *event)
{
	struct sim_model_conduit *conduit = &run->state.oracles.model.conduit;
	struct sim_model_scene scene = {.run = run,
	                                .conduit = conduit,
	                                .talk = &conduit->talks[event->context],
	                                .context = event->context};

	if (!concerns(event->kind))
		return;
	if (!sim_model_firmware_begun(&conduit->firmware)) {
		on_enter(&scene, event, SHIM_ENTRY_BOOT);
		sim_model_firmware_begin(&conduit->firmware);
	}
	watch(&scene, event);
	if (event->kind == WORLD_EVENT_ENTER)
		on_enter(&scene, event, event->entry);
	else if (scene.talk->entry != SHIM_ENTRY_NONE)
		tell_rules(&scene, event);
}

const struct sim_model_part sim_model_conduit_part = {
        .name = "conduit",
        .event = on_event,
        .rest = sim_model_sri_rest,
};
