/* SPDX-License-Identifier: MIT */
#include "tests/unit/test_world.h"

struct world_config emu_machine(void)
{
	struct world_config config = {.vm_count = 2};

	for (unsigned i = 0; i < 2; i++)
		config.vms[i] = (struct world_vm_config){
		        .id = ffa_make_id(1 + i), .vcpus = VCPUS, .online = 3};
	return config;
}

void emu_create_vms(void)
{
	for (uint32_t vm = 0; vm < 2; vm++) {
		world_start_vm_create(&emu.world, 0, vm);
		emu_finish(0);
		for (uint32_t vcpu = 0; vcpu < VCPUS; vcpu++) {
			world_start_vcpu_on(&emu.world, 0, vm, vcpu);
			emu_finish(0);
		}
		assert_eq_u64(emu_call(vm, FFA_VERSION_32, FFA_VERSION_1_2, 0, 0), FFA_VERSION_1_2);
	}
}

bool emu_open_machine(const char *transport, struct world_config config)
{
	emu_open_mediator(transport, "hypervisor-plain", &config);
	emu_create_vms();
	emu_clear();
	return true;
}

void emu_start_call(uint32_t context, uint32_t vm, uint32_t vcpu, uint64_t fid, uint64_t x1,
                    uint64_t x2, uint64_t x3)
{
	struct ffa_regs regs = {{fid, x1, x2, x3}};

	world_start_call(&emu.world, context, vm, vcpu, &regs);
}

uint64_t emu_call(uint32_t vm, uint64_t fid, uint64_t x1, uint64_t x2, uint64_t x3)
{
	emu_start_call(0, vm, 0, fid, x1, x2, x3);
	emu_finish(0);
	world_settle(&emu.world);
	return (uint32_t)emu_slot(0)->regs.x[0];
}

void emu_bind(void)
{
	assert_eq_u64(emu_call(VM1, FFA_NOTIFICATION_BIND_32, 2 << 16 | 1, 0, BIT), FFA_SUCCESS_32);
}

void emu_start_set(uint32_t context)
{
	emu_start_call(context, VM2, 0, FFA_NOTIFICATION_SET_32, 2 << 16 | 1, 0, BIT);
}

void emu_set(void)
{
	assert_eq_u64(emu_call(VM2, FFA_NOTIFICATION_SET_32, 2 << 16 | 1, 0, BIT), FFA_SUCCESS_32);
}

void emu_get(uint64_t flags)
{
	assert_eq_u64(emu_call(VM1, FFA_NOTIFICATION_GET_32, 1, flags, 0), FFA_SUCCESS_32);
}

uint64_t emu_pending(void)
{
	uint64_t bits = 0;

	assert_true(world_probe_pending(&emu.world, VM1, &bits));
	return bits;
}

void emu_run_to(uint32_t context, enum shim_point point)
{
	do
		assert_eq_int(emu_run(context, 1ull << point), WORLD_STOP_POINT);
	while (emu_slot(context)->point != point);
}
