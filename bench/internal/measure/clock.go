package measure

import "time"

var begin = time.Now()

// Wall is the time since this process began.
func Wall() time.Duration { return time.Since(begin) }
