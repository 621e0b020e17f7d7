/* SPDX-License-Identifier: MIT */
/* The boot and the shutdown: what is asked of the SPMC, and what follows. */
#include "sim/model/firmware.h"

#include <string.h>

#include "abi/ffa_decode.h"
#include "sim/run.h"

#define OWN_VERSION FFA_VERSION_1_2
#define OLDEST      FFA_VERSION_1_1
#define LAST_INTID  1019u

#define DESCRIPTOR_SIZE 24u
#define AT_ID           0u
#define AT_PROPERTIES   4u

#define FIRST_REG   3u /* of a list in registers */
#define MAX_ENTRIES (SHIM_PAGE / DESCRIPTOR_SIZE)

enum stage {
	NOT_BEGUN,
	VERSION,   /* says which version it speaks */
	ID,        /* asks who it is */
	QUESTIONS, /* asks what there is, and lists the SPs */
	GIVE_UP,   /* something went wrong: the SPMC is not used */
	OVER,
};

enum said { SAID_VERSION = 1, SAID_ID, SAID_MAP, SAID_LIST, SAID_RELEASE, SAID_UNMAP, SAID_REGS };

/* What must be there for notifications between SPs and VMs, besides an SRI. */
static const uint32_t notification_calls[] = {
        FFA_NOTIFICATION_BITMAP_CREATE_32, FFA_NOTIFICATION_BITMAP_DESTROY_32,
        FFA_NOTIFICATION_BIND_32,          FFA_NOTIFICATION_UNBIND_32,
        FFA_NOTIFICATION_SET_32,           FFA_NOTIFICATION_GET_32,
        FFA_NOTIFICATION_INFO_GET_64,
};

/* And what to list SPs with in a page; else FFA_PARTITION_INFO_GET_REGS is enough. */
static const uint32_t listing_calls[] = {FFA_RXTX_MAP_64, FFA_PARTITION_INFO_GET_32,
                                         FFA_RX_RELEASE_32};

/* A function's place among those that were asked for; the SRI has one of its own. */
static bool bit_of(uint32_t fid, unsigned *ret_width, uint64_t *ret_bit)
{
	uint32_t number = FFA_FID_NUMBER(fid);

	*ret_width = ffa_fid_is_64bit(fid);
	*ret_bit = fid == FFA_FEATURE_SRI ? UINT64_C(1) << 63
	                                  : UINT64_C(1) << (number - FFA_FN_FIRST) % 64;
	return fid == FFA_FEATURE_SRI || (ffa_call_by_fid(fid) && number >= FFA_FN_FIRST);
}

_Static_assert(FFA_FN_LAST - FFA_FN_FIRST < 63, "the SRI has a bit of its own");

static bool is_in(const uint64_t *set, uint32_t fid)
{
	unsigned width;
	uint64_t bit;

	return bit_of(fid, &width, &bit) && set[width] & bit;
}

static bool all_in(const uint64_t *set, const uint32_t *fids, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!is_in(set, fids[i]))
			return false;
	return true;
}

#define ALL_IN(set, fids) all_in(set, fids, G_N_ELEMENTS(fids))

bool sim_model_has(const struct sim_model_firmware *firmware, uint32_t fid)
{
	return is_in(firmware->has, fid);
}

uint8_t sim_model_sps_with(const struct sim_model_firmware *firmware, uint32_t properties)
{
	uint8_t found = 0;

	for (unsigned i = 0; i < SIM_MODEL_MAX_SPS && firmware->sps[i].id; i++)
		if ((firmware->sps[i].properties & properties) == properties)
			found |= (uint8_t)(1u << i);
	return found;
}

bool sim_model_sp_notifications(const struct sim_run *run)
{
	return run->state.oracles.model.conduit.firmware.sp_notifications;
}

bool sim_model_notifications(const struct sim_run *run)
{
	return sim_model_sp_notifications(run) || !sim_model_word(run, "no-vm-to-vm");
}

bool sim_model_firmware_begun(const struct sim_model_firmware *firmware)
{
	return firmware->stage != NOT_BEGUN;
}

void sim_model_firmware_begin(struct sim_model_firmware *firmware)
{
	firmware->stage = VERSION;
}

/* The boot */

static bool lists_in_page(const struct sim_model_firmware *firmware)
{
	return ALL_IN(firmware->has, listing_calls) && !firmware->no_pages;
}

static bool lists_in_registers(const struct sim_model_firmware *firmware)
{
	return ALL_IN(firmware->asked, listing_calls) && !lists_in_page(firmware) &&
	       is_in(firmware->has, FFA_PARTITION_INFO_GET_REGS_64);
}

/* Every call is known by itself, so each that something depends on is asked for. */
static bool asked_enough(const struct sim_model_firmware *firmware)
{
	return ALL_IN(firmware->asked, notification_calls) &&
	       ALL_IN(firmware->asked, listing_calls) &&
	       (lists_in_page(firmware) ||
	        is_in(firmware->asked, FFA_PARTITION_INFO_GET_REGS_64)) &&
	       is_in(firmware->asked, FFA_MSG_SEND_DIRECT_REQ_32) &&
	       (is_in(firmware->asked, FFA_FEATURE_SRI) ||
	        !ALL_IN(firmware->has, notification_calls));
}

enum listing {
	UNLISTED,
	MAPPED,
	STALE, /* RX may be full from before the boot: it is given back once */
	EMPTIED,
	LISTED,
	RELEASED,
};

static void say_map(struct sim_model_turn *turn, uint64_t tx, uint64_t rx)
{
	sim_model_say(turn, SAID_MAP, (struct ffa_regs){{FFA_RXTX_MAP_64, tx, rx, 1}});
}

static void say_registers(struct sim_model_turn *turn, const struct sim_model_firmware *firmware)
{
	sim_model_say(turn, SAID_REGS,
	              (struct ffa_regs){{FFA_PARTITION_INFO_GET_REGS_64, 0, 0,
	                                 (uint32_t)firmware->tag << 16 | firmware->next}});
}

/* talk->calls is how far the listing is. */
static void turn_questions(const struct sim_model_scene *scene, struct sim_model_turn *turn)
{
	const struct sim_model_firmware *firmware = &scene->conduit->firmware;
	enum listing listing = scene->talk->calls;

	turn->question = true;
	if (listing == UNLISTED && lists_in_page(firmware) && firmware->pages[0] &&
	    firmware->pages[1]) {
		say_map(turn, firmware->pages[0], firmware->pages[1]);
		say_map(turn, firmware->pages[1], firmware->pages[0]);
	} else if (listing == UNLISTED && lists_in_registers(firmware)) {
		say_registers(turn, firmware);
	} else if (listing == MAPPED || listing == EMPTIED) {
		sim_model_say(turn, SAID_LIST, (struct ffa_regs){{FFA_PARTITION_INFO_GET_32}});
	} else if (listing == STALE || listing == LISTED) {
		sim_model_say(turn, SAID_RELEASE, (struct ffa_regs){{FFA_RX_RELEASE_32}});
	}
	turn->end = asked_enough(firmware) &&
	            (listing == RELEASED ||
	             (!lists_in_page(firmware) && !lists_in_registers(firmware)));
}

static void say_unmap(struct sim_model_turn *turn)
{
	sim_model_say(turn, SAID_UNMAP, (struct ffa_regs){{FFA_RXTX_UNMAP_32}});
}

static void turn_boot(const struct sim_model_scene *scene, struct sim_model_turn *turn)
{
	switch (scene->conduit->firmware.stage) {
	case VERSION:
		sim_model_say(turn, SAID_VERSION, (struct ffa_regs){{FFA_VERSION_32, OWN_VERSION}});
		break;
	case ID:
		sim_model_say(turn, SAID_ID, (struct ffa_regs){{FFA_ID_GET_32}});
		break;
	case QUESTIONS:
		turn_questions(scene, turn);
		break;
	case GIVE_UP:
		say_unmap(turn);
		break;
	default:
		turn->end = true;
		break;
	}
}

/* Pages that are mapped are taken back; nothing that was learned counts. */
static void give_up(struct sim_model_firmware *firmware)
{
	memset(firmware->has, 0, sizeof firmware->has);
	memset(firmware->sps, 0, sizeof firmware->sps);
	firmware->full = false;
	firmware->stage = firmware->buffers == SIM_MODEL_MAPPED ? GIVE_UP : OVER;
}

static void hear_version(struct sim_model_firmware *firmware, uint32_t theirs)
{
	firmware->stage = ID;
	if (theirs >> 16 != OWN_VERSION >> 16 || theirs < OLDEST)
		give_up(firmware);
}

static void hear_id(struct sim_model_firmware *firmware, const struct ffa_regs *answer)
{
	firmware->stage = QUESTIONS;
	if (!sim_model_succeeds(answer) || ffa_low_half(answer->x[2]) != FFA_ID_HYPERVISOR)
		give_up(firmware);
}

static void hear_feature(struct sim_model_firmware *firmware, uint32_t asked,
                         const struct ffa_regs *answer)
{
	unsigned width;
	uint64_t bit;

	if (!bit_of(asked, &width, &bit))
		return;
	firmware->asked[width] |= bit;
	if (!sim_model_succeeds(answer))
		return;
	if (asked == FFA_FEATURE_SRI) {
		if ((uint32_t)answer->x[2] > LAST_INTID)
			return;
		firmware->sri = (uint32_t)answer->x[2];
	}
	firmware->has[width] |= bit;
}

/* The list of partitions */

static uint32_t read_little(const uint8_t *from, unsigned size)
{
	uint32_t value = 0;

	for (unsigned i = 0; i < size; i++)
		value |= (uint32_t)from[i] << 8 * i;
	return value;
}

static struct sim_model_sp *find_or_add(struct sim_model_firmware *firmware, uint16_t id)
{
	for (unsigned i = 0; i < SIM_MODEL_MAX_SPS; i++) {
		struct sim_model_sp *sp = &firmware->sps[i];

		if (!sp->id)
			sp->id = id;
		if (sp->id == id)
			return sp;
	}
	return NULL;
}

/* Every id once, with the properties of all its entries; ids without bit 15 are no SPs. */
static void add_entry(struct sim_model_scene *scene, uint16_t id, uint32_t properties)
{
	struct sim_model_sp *sp;

	if (!ffa_id_is_secure(ffa_make_id(id)))
		return;
	sp = find_or_add(&scene->conduit->firmware, id);
	if (sp)
		sp->properties |= properties;
	else
		sim_model_refute(scene->run,
		                 "the SPMC lists more than SIM_MODEL_MAX_SPS (%u) SPs, which the "
		                 "model cannot follow",
		                 SIM_MODEL_MAX_SPS);
}

/* Whether the list can be right: descriptors of 1.1 at least, all of them in the page. */
static bool read_list(struct sim_model_scene *scene, uint32_t count, uint32_t size)
{
	uint64_t rx = scene->run->world->state.spmc.rx_page;
	const uint8_t *page = world_memory(scene->run->world, rx, SHIM_PAGE, false);

	if (!page || size < DESCRIPTOR_SIZE || (uint64_t)count * size > SHIM_PAGE)
		return false;
	for (uint32_t i = 0; i < count; i++) {
		const uint8_t *at = page + (size_t)i * size;

		add_entry(scene, (uint16_t)read_little(at + AT_ID, 2),
		          read_little(at + AT_PROPERTIES, 4));
	}
	return true;
}

/* The entries of one answer in registers; false if they cannot be right. */
static bool read_registers(struct sim_model_scene *scene, const struct ffa_regs *answer)
{
	struct sim_model_firmware *firmware = &scene->conduit->firmware;
	unsigned last = (uint16_t)answer->x[2], current = (uint16_t)(answer->x[2] >> 16);
	unsigned size = (uint16_t)(answer->x[2] >> 48), count = current - firmware->next + 1;

	if (size < DESCRIPTOR_SIZE || size % 8 || current < firmware->next || current > last ||
	    last >= MAX_ENTRIES || count * size > (FFA_REG_COUNT - FIRST_REG) * 8)
		return false;
	for (unsigned i = 0; i < count; i++) {
		uint64_t word = answer->x[FIRST_REG + i * size / 8];

		add_entry(scene, (uint16_t)word, (uint32_t)(word >> 32));
	}
	firmware->next = (uint16_t)(current + 1);
	firmware->tag = (uint16_t)(answer->x[2] >> 32);
	if (current == last)
		scene->talk->calls = RELEASED;
	return true;
}

/* RETRY: the list has changed, and begins anew. Without an entry no index is right. */
static void hear_registers(struct sim_model_scene *scene, const struct ffa_regs *answer)
{
	struct sim_model_firmware *firmware = &scene->conduit->firmware;
	int32_t status = sim_model_status(answer);

	if (status == FFA_INVALID_PARAMETERS && !firmware->next) {
		scene->talk->calls = RELEASED;
	} else if (status == FFA_OK) {
		if (!read_registers(scene, answer))
			give_up(firmware);
	} else if ((status != FFA_BUSY && status != FFA_RETRY) ||
	           ++scene->talk->busy == SIM_MODEL_BUSY_CALLS) {
		give_up(firmware);
	} else if (status == FFA_RETRY) {
		memset(firmware->sps, 0, sizeof firmware->sps);
		firmware->next = firmware->tag = 0;
	}
}

/* RX is given back if and only if it was filled, also when the list is wrong. */
static void hear_list(struct sim_model_scene *scene, const struct ffa_regs *answer)
{
	struct sim_model_firmware *firmware = &scene->conduit->firmware;

	if (sim_model_status(answer) == FFA_BUSY && scene->talk->calls == MAPPED) {
		scene->talk->calls = STALE;
		return;
	}
	if (sim_model_status(answer) != FFA_OK) {
		give_up(firmware);
		return;
	}
	firmware->full = true;
	scene->talk->calls = LISTED;
	scene->talk->status = read_list(scene, (uint32_t)answer->x[2], (uint32_t)answer->x[3])
	                              ? FFA_OK
	                              : FFA_ABORTED;
}

static void hear_release(struct sim_model_scene *scene, const struct ffa_regs *answer)
{
	struct sim_model_firmware *firmware = &scene->conduit->firmware;

	if (scene->talk->calls == STALE) {
		scene->talk->calls = EMPTIED;
		if (sim_model_status(answer) != FFA_OK)
			give_up(firmware);
		return;
	}
	firmware->full = false;
	scene->talk->calls = RELEASED;
	if (sim_model_status(answer) != FFA_OK || scene->talk->status != FFA_OK)
		give_up(firmware);
}

static void hear_map(struct sim_model_scene *scene, const struct ffa_regs *answer)
{
	struct sim_model_firmware *firmware = &scene->conduit->firmware;

	if (sim_model_status(answer) == FFA_OK) {
		scene->talk->calls = MAPPED;
		firmware->buffers = SIM_MODEL_MAPPED;
		return;
	}
	firmware->no_pages = true;
	if (!is_in(firmware->has, FFA_PARTITION_INFO_GET_REGS_64))
		give_up(firmware);
}

/* Pages that the SPMC does not give back stay its own. */
static void hear_unmap(struct sim_model_firmware *firmware, const struct ffa_regs *answer)
{
	firmware->stage = OVER;
	firmware->buffers =
	        sim_model_status(answer) == FFA_OK ? SIM_MODEL_UNMAPPED : SIM_MODEL_KEPT;
}

static void hear_boot(struct sim_model_scene *scene, const struct ffa_regs *answer)
{
	struct sim_model_firmware *firmware = &scene->conduit->firmware;

	/* FFA_VERSION has no such code, a list in registers a rule of its own */
	if (scene->talk->said != SAID_VERSION && scene->talk->said != SAID_REGS &&
	    sim_model_asks_again(scene->talk, answer))
		return;
	switch (scene->talk->said) {
	case SAID_VERSION:
		hear_version(firmware, (uint32_t)answer->x[0]);
		break;
	case SAID_ID:
		hear_id(firmware, answer);
		break;
	case SAID_MAP:
		hear_map(scene, answer);
		break;
	case SAID_LIST:
		hear_list(scene, answer);
		break;
	case SAID_RELEASE:
		hear_release(scene, answer);
		break;
	case SAID_UNMAP:
		hear_unmap(firmware, answer);
		break;
	case SAID_REGS:
		hear_registers(scene, answer);
		break;
	default:
		hear_feature(firmware, scene->talk->asked, answer);
		break;
	}
}

/* An SPMC whose list there is no memory for is not used. */
static void note_page(struct sim_model_firmware *firmware, uint64_t physical)
{
	if (!physical) {
		give_up(firmware);
		return;
	}
	firmware->pages[0] = firmware->pages[1];
	firmware->pages[1] = physical;
}

static void act_boot(struct sim_model_scene *scene, const struct world_event *event)
{
	if (event->kind == WORLD_EVENT_PAGE_ALLOC)
		note_page(&scene->conduit->firmware, (uint64_t)event->result);
}

static void leave_boot(struct sim_model_scene *scene, const struct world_event *event)
{
	struct sim_model_firmware *firmware = &scene->conduit->firmware;
	bool usable = firmware->stage == QUESTIONS;
	int32_t status =
	        usable || !sim_model_word(scene->run, "no-vm-to-vm") ? FFA_OK : FFA_NOT_SUPPORTED;
	char got[16], allowed[16];

	firmware->stage = OVER;
	firmware->sp_notifications = usable && ALL_IN(firmware->has, notification_calls) &&
	                             sim_model_has(firmware, FFA_FEATURE_SRI);
	if (event->result != status)
		sim_model_object(
		        scene, "answers %s; allowed: %s (%s)",
		        sim_model_status_text((int32_t)event->result, got, sizeof got),
		        sim_model_status_text(status, allowed, sizeof allowed),
		        usable ? "the SPMC can be used"
		               : "the SPMC cannot be used, and notifications between VMs are all "
		                 "that is left");
}

const struct sim_model_rules sim_model_boot_rules = {
        .turn = turn_boot, .hear = hear_boot, .act = act_boot, .leave = leave_boot};

/* The shutdown */

static void turn_shutdown(const struct sim_model_scene *scene, struct sim_model_turn *turn)
{
	if (scene->conduit->firmware.buffers == SIM_MODEL_MAPPED)
		say_unmap(turn);
	else
		turn->end = true;
}

static void hear_shutdown(struct sim_model_scene *scene, const struct ffa_regs *answer)
{
	if (!sim_model_asks_again(scene->talk, answer))
		hear_unmap(&scene->conduit->firmware, answer);
}

/* What is owed to SPs is given up, and VMs that the platform has kept for that are released. */
static void act_shutdown(struct sim_model_scene *scene, const struct world_event *event)
{
	unsigned vm = sim_model_vm_of_index(scene->run, event->vm);

	if (event->kind == WORLD_EVENT_VM_GONE && vm != SIM_MODEL_NO_VM)
		scene->conduit->vms[vm].held = false;
}

static void leave_shutdown(struct sim_model_scene *scene, const struct world_event *event)
{
	(void)event;
	for (unsigned i = 0; i < WORLD_MAX_VMS; i++) {
		if (!scene->conduit->vms[i].held)
			continue;
		sim_model_object(scene, "does not release %s, whose end was put off",
		                 sim_model_vm_name(scene->run, i));
		break;
	}
	memset(scene->conduit->vms, 0, sizeof scene->conduit->vms);
}

const struct sim_model_rules sim_model_shutdown_rules = {
        .turn = turn_shutdown, .hear = hear_shutdown, .act = act_shutdown, .leave = leave_shutdown};

void sim_model_page_freed(struct sim_model_scene *scene, const struct world_event *event)
{
	const struct sim_model_firmware *firmware = &scene->conduit->firmware;

	if (firmware->buffers == SIM_MODEL_UNMAPPED || !event->arg[0] ||
	    (event->arg[0] != firmware->pages[0] && event->arg[0] != firmware->pages[1]))
		return;
	sim_model_refute(scene->run,
	                 "the page at 0x%" G_GINT64_MODIFIER
	                 "x is given back while the SPMC has it for RX and TX",
	                 event->arg[0]);
}
