/** What cannot be done here, such as a fault that needs rights this user lacks: to be shown as skipped, with the reason. */
export const RUN_SKIPPED = 'run_skipped';
