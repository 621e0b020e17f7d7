/* SPDX-License-Identifier: MIT */
#include "tests/unit/test_spmc.h"

#include <stdlib.h>
#include <string.h>

#include "abi/ffa_decode.h"
#include "sim/profile.h"
#include "tests/test.h"

struct world machine;
struct ffa_regs answer;

static struct shim_link memory_only;

void set_up(const char *profile)
{
	g_autofree char *path = sim_profile_find(profile, "here");
	GError *error = NULL;

	memset(&machine, 0, sizeof machine);
	assert_not_null(path);
	sim_profile_load(path, &machine.config.spmc, &error);
	assert_no_error(error);
	if (!memory_only.map.memory)
		memory_only.map.memory = calloc(1, SHIM_MEMORY_SIZE);
	assert_not_null(memory_only.map.memory);
	machine.link = &memory_only;
	for (unsigned i = 0; i < 3; i++)
		machine.config.vms[i] =
		        (struct world_vm_config){.id = ffa_make_id(i + 1), .vcpus = 4};
	machine.config.vm_count = 3;
	machine.config.sps[0] = (struct world_sp){
	        .id = ffa_make_id(SP1),
	        .contexts = 1,
	        .properties = 0x7cf,
	        .uuid = {0x11111111, 0x22222222, 0x33333333, 0x44444444},
	};
	machine.config.sps[1] = (struct world_sp){.id = ffa_make_id(SP2), .contexts = 4};
	machine.config.sp_count = 2;
}

void set_up_negotiated(const char *profile)
{
	set_up(profile);
	call(FFA_VERSION_32, FFA_VERSION_1_2, 0, 0, 0);
	assert_true(machine.state.spmc.version != 0);
	if (machine.config.spmc.knobs[WORLD_KNOB_BITMAP_VMS] == WORLD_BITMAP_VMS_ANNOUNCED)
		for (unsigned vm = 1; vm <= 3; vm++)
			assert_status(announce(vm), FFA_OK);
}

int32_t call_regs(const struct ffa_regs *regs)
{
	answer = *regs;
	world_spmc_call(&machine, &answer);
	return ffa_result_status(&answer);
}

int32_t call(uint32_t fid, uint64_t x1, uint64_t x2, uint64_t x3, uint64_t x4)
{
	return call_regs(&(struct ffa_regs){{fid, x1, x2, x3, x4}});
}

int32_t sp_call(unsigned sp, uint32_t fid, uint64_t x1, uint64_t x2, uint64_t x3, uint64_t x4)
{
	answer = (struct ffa_regs){{fid, x1, x2, x3, x4}};
	world_sp_call(&machine, sp - SP1, &answer);
	return ffa_result_status(&answer);
}

static int32_t guest_event(uint32_t event, unsigned vm)
{
	const struct ffa_regs regs = {
	        {FFA_MSG_SEND_DIRECT_REQ_32, SP1, 0x80000000u | event, 0, 0, vm}};
	int32_t status = call_regs(&regs);

	if ((uint32_t)answer.x[0] != FFA_MSG_SEND_DIRECT_RESP_32)
		return status;
	return (int32_t)(uint32_t)answer.x[3];
}

int32_t announce(unsigned vm)
{
	return guest_event(4, vm);
}

int32_t retract(unsigned vm)
{
	return guest_event(6, vm);
}

int32_t create(unsigned vm, unsigned vcpus)
{
	return call(FFA_NOTIFICATION_BITMAP_CREATE_32, vm, vcpus, 0, 0);
}

int32_t destroy(unsigned vm)
{
	return call(FFA_NOTIFICATION_BITMAP_DESTROY_32, vm, 0, 0, 0);
}

int32_t bind(unsigned sp, unsigned vm, uint32_t flags, uint64_t bitmap)
{
	return call(FFA_NOTIFICATION_BIND_32, sp << 16 | vm, flags, (uint32_t)bitmap, bitmap >> 32);
}

int32_t unbind(unsigned sp, unsigned vm, uint64_t bitmap)
{
	return call(FFA_NOTIFICATION_UNBIND_32, sp << 16 | vm, 0, (uint32_t)bitmap, bitmap >> 32);
}

int32_t sp_set(unsigned sp, unsigned vm, uint32_t flags, uint64_t bitmap)
{
	return sp_call(sp, FFA_NOTIFICATION_SET_32, sp << 16 | vm, flags, (uint32_t)bitmap,
	               bitmap >> 32);
}

uint64_t get(unsigned vm, unsigned vcpu)
{
	assert_status(call(FFA_NOTIFICATION_GET_32, vcpu << 16 | vm, FFA_NOTIFICATION_GET_SP, 0, 0),
	              FFA_OK);
	return ffa_join(answer.x[2], answer.x[3]);
}
