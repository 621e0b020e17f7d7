/* SPDX-License-Identifier: MIT */
/*
 * The creation and the end of VMs: who is told what in which order, what the
 * answers come to, and how long an id is taken.
 *
 * Creation: VM_CREATED to its subscribers in the order of the list, then the
 * bitmap; the first that does not accept ends it, and those that had accepted
 * are told of the end if they subscribed to it. End: the bitmap, then everybody
 * who subscribed. Who cannot be told yet is told again by a timer. What is in a bitmap
 * may be fetched once, behind its creation and before its end, and must be once if the SPMC
 * keeps it for that.
 *
 * Source: docs/design/vm-events.md; facts hypervisor-mediator.md sections 1.16
 * and 1.17, spmc-differences.md rows D25 and D30.
 */
#include <string.h>

#include "sim/model/conduit.h"
#include "sim/model/firmware.h"
#include "sim/model/sp_news.h"
#include "sim/run.h"

#define MAX_CALLS  11u /* of one event to one SP in one round */
#define MAX_ROUNDS 8u  /* after the first */
#define DELAY      UINT64_C(1000000000)
#define MAX_VCPUS  64u

#define FRAMEWORK       0x80000000u
#define VM_CREATED      4u
#define VM_DESTROYED    6u
#define WANTS_CREATIONS (1u << 6)
#define WANTS_ENDS      (1u << 7)

enum stage {
	NOTHING, /* a timer that is nobody's: nothing is said */
	CREATION,
	BITMAP,
	FRESH,       /* it was made: what a former VM has left in it may be fetched */
	BITMAP_GOES, /* what is pending may be fetched before */
	DRAIN,       /* it was refused: what is pending is fetched */
	BITMAP_GOES_AGAIN,
	END,
	DELAY_DUE, /* somebody could not be told: the timer is to be set */
	DONE,
};

enum said { /* below: the index of an SP */
	    SAID_BITMAP = SIM_MODEL_MAX_SPS,
	    SAID_FETCH
};

static struct sim_model_vm *record_of(const struct sim_model_scene *scene)
{
	return &scene->conduit->vms[scene->talk->vm];
}

static uint16_t id_of(const struct sim_model_scene *scene)
{
	return scene->run->world->config.vms[scene->talk->vm].id.v;
}

static const struct sim_model_firmware *firmware_of(const struct sim_model_scene *scene)
{
	return &scene->conduit->firmware;
}

/* Without direct requests there is nobody to tell. */
static uint8_t subscribers(const struct sim_model_scene *scene, uint32_t property)
{
	const struct sim_model_firmware *firmware = firmware_of(scene);

	return sim_model_has(firmware, FFA_MSG_SEND_DIRECT_REQ_32)
	               ? sim_model_sps_with(firmware, property)
	               : 0;
}

/* Ids: who has one, and who may */

/*
 * Creations that have not said anything: whether the id is theirs is known when
 * they do, or when they answer. Until then they may find it free or taken at any moment.
 */
static void note_id(struct sim_model_scene *scene, unsigned vm)
{
	const struct sim_model_vm *record = &scene->conduit->vms[vm];
	bool may_take = record->life == SIM_MODEL_FREE || record->life == SIM_MODEL_OVER;
	bool may_miss = record->life != SIM_MODEL_FREE;
	unsigned undecided = 0;

	for (unsigned i = 0; i < SHIM_MAX_CONTEXTS; i++) {
		const struct sim_model_talk *talk = &scene->conduit->talks[i];

		undecided +=
		        talk->entry == SHIM_ENTRY_VM_CREATE && talk->vm == vm && !talk->decided;
	}
	for (unsigned i = 0; i < SHIM_MAX_CONTEXTS; i++) {
		struct sim_model_talk *talk = &scene->conduit->talks[i];

		if (talk->entry != SHIM_ENTRY_VM_CREATE || talk->vm != vm || talk->decided)
			continue;
		talk->may_take |= may_take;
		talk->may_miss |= may_miss || undecided > 1;
	}
}

static void free_record(struct sim_model_scene *scene)
{
	unsigned vm = scene->talk->vm;

	sim_model_news_forget(scene->conduit, vm);
	memset(&scene->conduit->vms[vm], 0, sizeof scene->conduit->vms[vm]);
	note_id(scene, vm);
}

static void set_life(struct sim_model_scene *scene, enum sim_model_life life)
{
	record_of(scene)->life = (uint8_t)life;
	note_id(scene, scene->talk->vm);
}

/* The creation has said something, or has answered: the id is its own. */
static void decide(struct sim_model_scene *scene)
{
	struct sim_model_vm *record = record_of(scene);

	if (scene->talk->entry != SHIM_ENTRY_VM_CREATE || scene->talk->decided)
		return;
	scene->talk->decided = true;
	memset(record, 0, sizeof *record);
	record->owner = (uint8_t)(scene->context + 1);
	set_life(scene, SIM_MODEL_CREATING);
}

/* What is said */

static struct ffa_regs message(const struct sim_model_scene *scene, unsigned sp, uint32_t event)
{
	const struct sim_model_vm *record = record_of(scene);
	bool own = scene->talk->decided || scene->talk->entry != SHIM_ENTRY_VM_CREATE;
	struct ffa_regs regs = {{FFA_MSG_SEND_DIRECT_REQ_32}};

	if (own && record->preempted[sp])
		return (struct ffa_regs){{FFA_RUN_32, record->preempted[sp]}};
	regs.x[1] = ffa_pair(FFA_ID_HYPERVISOR, firmware_of(scene)->sps[sp].id);
	regs.x[2] = FRAMEWORK | event;
	regs.x[5] = id_of(scene);
	return regs;
}

static void say_fetch(const struct sim_model_scene *scene, struct sim_model_turn *turn)
{
	sim_model_say(
	        turn, SAID_FETCH,
	        (struct ffa_regs){{FFA_NOTIFICATION_GET_32, id_of(scene), SIM_MODEL_SECURE_MAPS}});
}

static void say_bitmap(const struct sim_model_scene *scene, struct sim_model_turn *turn,
                       uint32_t fid, uint64_t vcpus)
{
	sim_model_say(turn, SAID_BITMAP, (struct ffa_regs){{fid, id_of(scene), vcpus}});
}

/* Creations go by the order of the list; who is told first of an end is nobody's business. */
static void say_event(const struct sim_model_scene *scene, struct sim_model_turn *turn)
{
	const struct sim_model_talk *talk = scene->talk;
	bool creation = talk->stage == CREATION;
	uint8_t who = talk->sp ? (uint8_t)(1u << (talk->sp - 1)) : talk->left;

	if (creation)
		who &= (uint8_t)-who;
	for (unsigned i = 0; i < SIM_MODEL_MAX_SPS; i++)
		if (who >> i & 1)
			sim_model_say(turn, (uint8_t)i,
			              message(scene, i, creation ? VM_CREATED : VM_DESTROYED));
}

static uint16_t vcpus_of(const struct sim_model_scene *scene)
{
	return (uint16_t)scene->talk->arg[0];
}

static void say_next(const struct sim_model_scene *scene, struct sim_model_turn *turn)
{
	switch (scene->talk->stage) {
	case CREATION:
	case END:
		say_event(scene, turn);
		break;
	case BITMAP:
		say_bitmap(scene, turn, FFA_NOTIFICATION_BITMAP_CREATE_32, vcpus_of(scene));
		break;
	case BITMAP_GOES:
		if (!scene->talk->fetched)
			say_fetch(scene, turn);
		/* fall through */
	case BITMAP_GOES_AGAIN:
		say_bitmap(scene, turn, FFA_NOTIFICATION_BITMAP_DESTROY_32, 0);
		break;
	case FRESH:
	case DRAIN:
		say_fetch(scene, turn);
		break;
	default:
		break;
	}
}

static const char *act_due(const struct sim_model_talk *talk)
{
	return talk->stage == DELAY_DUE ? "to set a timer, since an SP is to be told again" : NULL;
}

static void turn_life(const struct sim_model_scene *scene, struct sim_model_turn *turn)
{
	say_next(scene, turn);
	turn->act = act_due(scene->talk);
	turn->end = scene->talk->stage == DONE || scene->talk->stage == NOTHING;
}

/* How it goes on */

static void begin_end(struct sim_model_scene *scene)
{
	scene->talk->stage = END;
	scene->talk->left = record_of(scene)->untold;
	if (scene->talk->entry == SHIM_ENTRY_VM_CREATE)
		set_life(scene, SIM_MODEL_ENDING);
}

static void end_round(struct sim_model_scene *scene)
{
	struct sim_model_vm *record = record_of(scene);

	if (record->untold && record->rounds < MAX_ROUNDS) {
		scene->talk->stage = DELAY_DUE;
		return;
	}
	scene->talk->stage = DONE;
	set_life(scene, SIM_MODEL_OVER);
}

/* Past everything that says nothing. */
static void go_on(struct sim_model_scene *scene)
{
	struct sim_model_talk *talk = scene->talk;

	if (talk->sp)
		return;
	if (talk->stage == CREATION && !talk->left)
		talk->stage = firmware_of(scene)->sp_notifications ? BITMAP : DONE;
	if (talk->stage == END && !talk->left)
		end_round(scene);
}

static void fail(struct sim_model_scene *scene, int32_t status)
{
	scene->talk->status = status;
	begin_end(scene);
}

static bool wants_more(int32_t status)
{
	return status == FFA_RETRY || status == FFA_INTERRUPTED;
}

/* What FFA_RUN is to resume if the SP was preempted, or could not be resumed; 0 if it was not. */
static uint32_t preempted(const struct ffa_regs *answer, uint32_t resumed)
{
	uint32_t fid = (uint32_t)answer->x[0];

	if (fid == FFA_ERROR_32 && sim_model_status(answer) == FFA_BUSY)
		return resumed;
	if ((fid != FFA_INTERRUPT_32 && fid != FFA_YIELD_32) ||
	    !ffa_id_is_secure(ffa_make_id(ffa_high_half(answer->x[1]))))
		return 0;
	return (uint32_t)answer->x[1];
}

/* The SPMC's own errors come through, but only the SP itself can want to be asked again. */
static int32_t response(const struct ffa_regs *answer, uint16_t sp, uint32_t event)
{
	int32_t status;

	if ((uint32_t)answer->x[0] == FFA_ERROR_32) {
		status = sim_model_status(answer);
		return wants_more(status) ? FFA_INVALID_PARAMETERS : status;
	}
	if ((uint32_t)answer->x[0] != FFA_MSG_SEND_DIRECT_RESP_32 ||
	    (uint32_t)answer->x[1] != ffa_pair(sp, FFA_ID_HYPERVISOR) ||
	    (uint32_t)answer->x[2] != (FRAMEWORK | (event + 1)))
		return FFA_INVALID_PARAMETERS;
	status = (int32_t)(uint32_t)answer->x[3];
	return status > 0 ? FFA_INVALID_PARAMETERS : status;
}

static void told_of_creation(struct sim_model_scene *scene, uint8_t sp, int32_t status)
{
	if (status == FFA_OK)
		record_of(scene)->untold |= sp & subscribers(scene, WANTS_ENDS);
	else
		fail(scene, status);
}

/* An SP that is busy with somebody else, or not done yet, is to be told again; any error is told.
 */
static void told_of_end(struct sim_model_scene *scene, uint8_t sp, int32_t status)
{
	if (!wants_more(status) && status != FFA_BUSY)
		record_of(scene)->untold &= (uint8_t)~sp;
}

static void hear_event(struct sim_model_scene *scene, const struct ffa_regs *answer)
{
	struct sim_model_talk *talk = scene->talk;
	bool creation = talk->stage == CREATION;
	unsigned index = talk->said;
	uint8_t sp = (uint8_t)(1u << index);
	uint32_t target = preempted(answer, record_of(scene)->preempted[index]);
	int32_t status = FFA_INTERRUPTED;

	if (!target)
		status = response(answer, firmware_of(scene)->sps[index].id,
		                  creation ? VM_CREATED : VM_DESTROYED);
	record_of(scene)->preempted[index] = target;
	talk->sp = (uint8_t)(index + 1);
	if ((wants_more(status) || (creation && status == FFA_BUSY)) && ++talk->calls < MAX_CALLS)
		return;
	talk->sp = talk->calls = 0;
	talk->left &= (uint8_t)~sp;
	if (creation)
		told_of_creation(scene, sp, status);
	else
		told_of_end(scene, sp, status);
}

static void hear_bitmap(struct sim_model_scene *scene, const struct ffa_regs *answer)
{
	int32_t status = sim_model_status(answer);
	struct sim_model_talk *talk = scene->talk;

	if (talk->stage == BITMAP && status == FFA_OK)
		talk->stage = FRESH;
	else if (talk->stage == BITMAP)
		fail(scene, status);
	else if (talk->stage == BITMAP_GOES && status == FFA_DENIED)
		talk->stage = DRAIN;
	else
		begin_end(scene);
}

/* Whatever the SPMC answers, it is asked once. */
static void hear_fetch(struct sim_model_talk *talk)
{
	talk->fetched = true;
	if (talk->stage == FRESH)
		talk->stage = DONE;
	else if (talk->stage == DRAIN)
		talk->stage = BITMAP_GOES_AGAIN;
}

static void hear_life(struct sim_model_scene *scene, const struct ffa_regs *answer)
{
	decide(scene);
	if (scene->talk->said >= SAID_BITMAP && sim_model_asks_again(scene->talk, answer))
		return;
	if (scene->talk->said == SAID_FETCH)
		hear_fetch(scene->talk);
	else if (scene->talk->said == SAID_BITMAP)
		hear_bitmap(scene, answer);
	else
		hear_event(scene, answer);
	go_on(scene);
}

/* Timers: each VM whose end is owed has one of its own. */

static unsigned owed_by_timer(const struct sim_model_conduit *conduit, uint64_t timer)
{
	for (unsigned i = 0; i < WORLD_MAX_VMS; i++)
		if (conduit->vms[i].life == SIM_MODEL_OWED && conduit->vms[i].timer == timer + 1)
			return i;
	return SIM_MODEL_NO_VM;
}

static void set_timer(struct sim_model_scene *scene, const struct world_event *event)
{
	struct sim_model_vm *record = record_of(scene);
	unsigned other = owed_by_timer(scene->conduit, event->arg[0]);

	if (scene->talk->stage != DELAY_DUE) {
		sim_model_object(scene, "sets a timer, and owes nobody anything");
	} else if (other != SIM_MODEL_NO_VM) {
		sim_model_object(scene, "sets the timer that %s waits for",
		                 sim_model_vm_name(scene->run, other));
	} else if (event->arg[1] != DELAY) {
		sim_model_object(scene, "waits for %" G_GINT64_MODIFIER "u ns; allowed: a second",
		                 event->arg[1]);
	} else {
		record->rounds++;
		record->timer = (uint8_t)(event->arg[0] + 1);
		record->owner = 0;
		record->held = scene->talk->entry == SHIM_ENTRY_VM_DESTROY || scene->talk->held;
		scene->talk->held = false;
		scene->talk->put_off = true;
		scene->talk->stage = DONE;
		set_life(scene, SIM_MODEL_OWED);
	}
}

/* The platform may take the VM for gone once everybody knows of its end. */
static void release(struct sim_model_scene *scene)
{
	if (scene->talk->entry != SHIM_ENTRY_TIMER)
		return;
	if (scene->talk->stage != DONE || !scene->talk->held)
		sim_model_object(scene, "releases a VM whose end is not over");
	else
		scene->talk->held = false;
}

static void act_life(struct sim_model_scene *scene, const struct world_event *event)
{
	if (event->kind == WORLD_EVENT_ALLOC && !event->result)
		scene->talk->no_memory = true;
	else if (event->kind == WORLD_EVENT_TIMER_SET && scene->talk->vm == SIM_MODEL_NO_VM)
		sim_model_object(scene, "sets a timer, and owes nobody anything");
	else if (event->kind == WORLD_EVENT_TIMER_SET)
		set_timer(scene, event);
	else if (event->kind == WORLD_EVENT_VM_GONE)
		release(scene);
}

/* The entries */

static bool is_valid(uint64_t id, uint64_t vcpus)
{
	return id != FFA_ID_HYPERVISOR && !ffa_id_is_secure(ffa_make_id((uint32_t)id)) &&
	       vcpus >= 1 && vcpus <= MAX_VCPUS;
}

static void enter_create(struct sim_model_scene *scene, const struct world_event *event)
{
	struct sim_model_talk *talk = scene->talk;

	talk->vm = (uint8_t)sim_model_vm_of_id(scene->run, (uint32_t)event->arg[0]);
	talk->arg[0] = (uint32_t)event->arg[1];
	talk->may_miss = event->arg[0] == SIM_MODEL_UNUSABLE_ID;
	if (!is_valid(event->arg[0], event->arg[1])) {
		talk->may_miss = true;
		talk->stage = DONE;
		return;
	}
	talk->stage = CREATION;
	talk->left = subscribers(scene, WANTS_CREATIONS);
	note_id(scene, talk->vm);
	go_on(scene);
}

/* Without the id, or without memory, nothing is said. */
static void turn_create(const struct sim_model_scene *scene, struct sim_model_turn *turn)
{
	const struct sim_model_talk *talk = scene->talk;

	if (talk->decided || (talk->may_take && !talk->no_memory))
		say_next(scene, turn);
	turn->act = act_due(talk);
	turn->end = talk->stage == DONE || talk->stage == FRESH ||
	            (!talk->decided && (talk->may_miss || talk->no_memory));
}

/* Whether a creation that has said nothing may be answered like this. */
static bool may_answer(const struct sim_model_talk *talk, int64_t status)
{
	switch (status) {
	case FFA_OK:
		return talk->may_take && !talk->no_memory && talk->stage == DONE;
	case FFA_INVALID_PARAMETERS:
		return talk->may_miss;
	case FFA_NO_MEMORY:
		return talk->no_memory;
	default:
		return false;
	}
}

static const char *reason(const struct sim_model_talk *talk)
{
	if (talk->decided)
		return talk->status ? "the code of who refused it" : "everybody accepted it";
	if (talk->no_memory)
		return "there was no memory for it";
	return talk->may_take ? "its id was free" : "its id was taken";
}

static void leave_create(struct sim_model_scene *scene, const struct world_event *event)
{
	struct sim_model_talk *talk = scene->talk;
	bool fits = talk->decided ? event->result == talk->status : may_answer(talk, event->result);
	unsigned vm = talk->vm;
	char text[16];

	if (!fits) {
		sim_model_object(scene, "is answered %s; allowed: another one (%s)",
		                 sim_model_status_text((int32_t)event->result, text, sizeof text),
		                 reason(talk));
		return;
	}
	if (vm == SIM_MODEL_NO_VM)
		return;
	if (event->result == FFA_OK)
		decide(scene);
	if (!talk->decided || talk->put_off)
		return;
	record_of(scene)->owner = 0;
	if (event->result == FFA_OK)
		set_life(scene, SIM_MODEL_LIVE);
	else
		free_record(scene);
}

const struct sim_model_rules sim_model_create_rules = {.enter = enter_create,
                                                       .turn = turn_create,
                                                       .hear = hear_life,
                                                       .act = act_life,
                                                       .leave = leave_create};

static void enter_destroy(struct sim_model_scene *scene, const struct world_event *event)
{
	struct sim_model_talk *talk = scene->talk;
	struct sim_model_vm *record;

	talk->vm = (uint8_t)sim_model_vm_of_id(scene->run, (uint32_t)event->arg[0]);
	record = record_of(scene);
	sim_model_news_forget(scene->conduit, talk->vm);
	record->owner = (uint8_t)(scene->context + 1);
	record->untold = subscribers(scene, WANTS_ENDS);
	set_life(scene, SIM_MODEL_ENDING);
	if (firmware_of(scene)->sp_notifications)
		talk->stage = BITMAP_GOES;
	else
		begin_end(scene);
	go_on(scene);
}

/* Whether the platform is told rightly that it must keep the VM. */
static void leave_destroy(struct sim_model_scene *scene, const struct world_event *event)
{
	if (scene->talk->put_off != (event->result != 0))
		sim_model_object(
		        scene, scene->talk->put_off
		                       ? "is over, it says; allowed: put off (an SP is to be told "
		                         "again)"
		                       : "is put off, it says; allowed: over (nobody is owed it)");
	else if (!scene->talk->put_off)
		free_record(scene);
}

const struct sim_model_rules sim_model_destroy_rules = {.enter = enter_destroy,
                                                        .turn = turn_life,
                                                        .hear = hear_life,
                                                        .act = act_life,
                                                        .leave = leave_destroy};

static void enter_timer(struct sim_model_scene *scene, const struct world_event *event)
{
	struct sim_model_talk *talk = scene->talk;
	struct sim_model_vm *record;

	talk->vm = (uint8_t)owed_by_timer(scene->conduit, event->arg[0]);
	if (talk->vm == SIM_MODEL_NO_VM)
		return;
	record = record_of(scene);
	talk->held = record->held;
	record->held = false;
	record->timer = 0;
	record->owner = (uint8_t)(scene->context + 1);
	set_life(scene, SIM_MODEL_ENDING);
	begin_end(scene);
	go_on(scene);
}

static void leave_timer(struct sim_model_scene *scene, const struct world_event *event)
{
	struct sim_model_talk *talk = scene->talk;

	(void)event;
	if (talk->vm == SIM_MODEL_NO_VM || talk->put_off)
		return;
	if (record_of(scene)->owner == scene->context + 1)
		free_record(scene);
	if (talk->held)
		sim_model_object(scene, "does not release %s, whose end is over",
		                 sim_model_vm_name(scene->run, talk->vm));
}

const struct sim_model_rules sim_model_timer_rules = {.enter = enter_timer,
                                                      .turn = turn_life,
                                                      .hear = hear_life,
                                                      .act = act_life,
                                                      .leave = leave_timer};
