/* SPDX-License-Identifier: MIT */
/*
 * void platform_smc(struct ffa_regs *regs);
 *
 * The SMC conduit of mediator/platform.h: x0..x17 from regs, smc #0, x0..x17
 * back to regs. The calling convention preserves x18..x30 and sp across the
 * smc, so x19 can hold regs; whoever traps the instruction must do the same.
 */
	.text
	.global	platform_smc
	.hidden	platform_smc
	.type	platform_smc, %function
	.balign	4
platform_smc:
	.cfi_startproc
	hint	#34			/* bti c; a no-op before Armv8.5 */
	stp	x29, x30, [sp, #-32]!
	.cfi_def_cfa_offset 32
	.cfi_offset x29, -32
	.cfi_offset x30, -24
	mov	x29, sp
	str	x19, [sp, #16]
	.cfi_offset x19, -16
	mov	x19, x0

	ldp	x16, x17, [x19, #128]
	ldp	x14, x15, [x19, #112]
	ldp	x12, x13, [x19, #96]
	ldp	x10, x11, [x19, #80]
	ldp	x8, x9, [x19, #64]
	ldp	x6, x7, [x19, #48]
	ldp	x4, x5, [x19, #32]
	ldp	x2, x3, [x19, #16]
	ldp	x0, x1, [x19]
	smc	#0
	stp	x0, x1, [x19]
	stp	x2, x3, [x19, #16]
	stp	x4, x5, [x19, #32]
	stp	x6, x7, [x19, #48]
	stp	x8, x9, [x19, #64]
	stp	x10, x11, [x19, #80]
	stp	x12, x13, [x19, #96]
	stp	x14, x15, [x19, #112]
	stp	x16, x17, [x19, #128]

	ldr	x19, [sp, #16]
	ldp	x29, x30, [sp], #32
	.cfi_restore x19
	.cfi_restore x30
	.cfi_restore x29
	.cfi_def_cfa_offset 0
	ret
	.cfi_endproc
	.size	platform_smc, . - platform_smc

	.section .note.GNU-stack, "", %progbits
