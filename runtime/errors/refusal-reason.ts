/** Why a circuit refused a call: it is open and waits, it probes and has no place free, someone opened it by hand, or it ramps up after a recovery. */
export type RefusalReason = 'open' | 'half_open' | 'forced_open' | 'ramp';
