"""What every test may count on, however the run was started."""

import signal

# `nohup` has it ignored, and every process of a test would inherit that.
signal.signal(signal.SIGHUP, signal.SIG_DFL)
