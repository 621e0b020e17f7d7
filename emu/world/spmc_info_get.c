/* SPDX-License-Identifier: MIT */
/*
 * FFA_NOTIFICATION_INFO_GET: who has notifications pending that nobody was told
 * of. SPs in their order, then id 0, then the VMs in the order of their
 * slots, until the answer is full. Facts spmc.md sections 1.8 and 2.3.
 */
#include "emu/world/spmc_internal.h"

#define MAX_IDS        20u
#define IDS_32         10u
#define MAX_LIST_VCPUS 3u
#define MORE           1u
#define LISTS_SHIFT    7u
#define FIRST_SIZE_BIT 12u
#define FIRST_REG      3u
#define MAX_LISTS_32   10u
#define MAX_LISTS_64   26u /* as many two-bit sizes as bits 63:12 hold */

struct info {
	uint16_t ids[MAX_IDS];
	uint8_t sizes[MAX_LISTS_64];
	unsigned id_count, id_max;
	unsigned list_count, list_max;
	bool once;   /* tell of each bit once */
	bool inside; /* the last list is of this endpoint and can take another vCPU */
	bool told;   /* the endpoint has a list */
	bool full;
};

static bool begin_list(struct info *info, uint16_t id, unsigned needed)
{
	if (info->id_count + needed > info->id_max || info->list_count == info->list_max)
		return false;
	info->ids[info->id_count++] = id;
	info->sizes[info->list_count++] = 0;
	info->inside = info->told = true;
	return true;
}

/* An endpoint that has a list already is told of its global notifications by it. */
static bool add_endpoint(struct info *info, uint16_t id)
{
	return info->told || begin_list(info, id, 1);
}

static bool add_vcpu(struct info *info, uint16_t id, unsigned vcpu)
{
	if (info->inside && info->id_count == info->id_max)
		return false;
	if (!info->inside && !begin_list(info, id, 2))
		return false;
	info->ids[info->id_count++] = (uint16_t)vcpu;
	if (++info->sizes[info->list_count - 1] == MAX_LIST_VCPUS)
		info->inside = false;
	return true;
}

/* What is new of a set; nothing if the SPMC does not remember, everything if it does not care. */
static uint64_t news(const struct info *info, uint64_t pending, uint64_t retrieved)
{
	return info->once ? pending & ~retrieved : pending;
}

static void add_global(struct info *info, uint16_t id, struct world_notifications *map)
{
	if (info->full || !news(info, map->pending, map->retrieved))
		return;
	if (!add_endpoint(info, id))
		info->full = true;
	else if (info->once)
		map->retrieved |= map->pending;
}

static void add_framework(struct info *info, struct world_bitmap *bitmap)
{
	if (info->full || !news(info, bitmap->framework_pending, bitmap->framework_retrieved))
		return;
	if (!add_endpoint(info, bitmap->id))
		info->full = true;
	else if (info->once)
		bitmap->framework_retrieved |= bitmap->framework_pending;
}

static void add_vcpus(struct info *info, struct world_bitmap *bitmap)
{
	for (unsigned i = 0; i < WORLD_SPMC_VCPUS && !info->full; i++) {
		if (!news(info, bitmap->vcpu_pending[i], bitmap->vcpu_retrieved[i]))
			continue;
		if (!add_vcpu(info, bitmap->id, i))
			info->full = true;
		else if (info->once)
			bitmap->vcpu_retrieved[i] |= bitmap->vcpu_pending[i];
	}
}

static void begin_endpoint(struct info *info)
{
	info->inside = info->told = false;
}

static void collect(struct world *world, struct info *info)
{
	struct world_spmc *spmc = &world->state.spmc;

	for (unsigned i = 0; i < world->config.sp_count; i++) {
		begin_endpoint(info);
		add_global(info, world->config.sps[i].id.v, &spmc->sps[i].from_vm);
		add_global(info, world->config.sps[i].id.v, &spmc->sps[i].from_sp);
	}
	for (unsigned i = 0; i <= WORLD_SPMC_SLOTS; i++) {
		struct world_bitmap *bitmap = world_bitmap_in_order(world, i);

		begin_endpoint(info);
		if (!bitmap)
			continue;
		add_framework(info, bitmap);
		add_global(info, bitmap->id, &bitmap->from_sp);
		add_vcpus(info, bitmap);
	}
}

static uint64_t untold(const struct world_notifications *map)
{
	return map->pending & ~map->retrieved;
}

/* Whether anything is pending that was not told. */
static bool is_left(struct world *world)
{
	const struct world_spmc *spmc = &world->state.spmc;
	uint64_t left = 0;

	for (unsigned i = 0; i < world->config.sp_count; i++)
		left |= untold(&spmc->sps[i].from_vm) | untold(&spmc->sps[i].from_sp);
	for (unsigned i = 0; i <= WORLD_SPMC_SLOTS; i++) {
		const struct world_bitmap *bitmap = world_bitmap_in_order(world, i);

		if (!bitmap)
			continue;
		left |= untold(&bitmap->from_sp);
		left |= (uint64_t)(bitmap->framework_pending & ~bitmap->framework_retrieved);
		for (unsigned j = 0; j < WORLD_SPMC_VCPUS; j++)
			left |= bitmap->vcpu_pending[j] & ~bitmap->vcpu_retrieved[j];
	}
	return left;
}

static void encode(const struct info *info, bool more, bool is_64bit, struct ffa_regs *out)
{
	unsigned per_register = is_64bit ? 4 : 2;

	out->x[0] = is_64bit ? FFA_SUCCESS_64 : FFA_SUCCESS_32;
	out->x[2] = (more ? MORE : 0) | (uint64_t)info->list_count << LISTS_SHIFT;
	for (unsigned i = 0; i < info->list_count; i++)
		out->x[2] |= (uint64_t)info->sizes[i] << (FIRST_SIZE_BIT + 2 * i);
	for (unsigned i = 0; i < info->id_count; i++)
		out->x[FIRST_REG + i / per_register] |= (uint64_t)info->ids[i]
		                                        << i % per_register * 16;
}

enum ffa_status world_notification_info_get(struct world *world, const struct ffa_regs *in,
                                            struct ffa_regs *out)
{
	bool is_64bit = ffa_fid_is_64bit((uint32_t)in->x[0]);
	struct info info = {
	        .id_max = is_64bit ? MAX_IDS : IDS_32,
	        .list_max = is_64bit ? MAX_LISTS_64 : MAX_LISTS_32,
	        .once = world_knob(world, WORLD_KNOB_INFO_GET_REPORT) == WORLD_INFO_GET_REPORT_ONCE,
	};

	if (world_knob(world, WORLD_KNOB_INFO_GET_STRICT) == WORLD_INFO_GET_STRICT_INVALID)
		for (unsigned i = 1; i <= 7; i++)
			if (is_64bit ? in->x[i] : (uint32_t)in->x[i])
				return FFA_INVALID_PARAMETERS;
	collect(world, &info);
	if (!info.list_count)
		return FFA_NO_DATA;
	/* one that tells of everything each time has more only if the answer was too short */
	encode(&info, info.once ? is_left(world) : info.full, is_64bit, out);
	return FFA_OK;
}
