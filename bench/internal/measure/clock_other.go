//go:build !unix

package measure

import "time"

// CPU is [Wall] on systems that have no other clock here.
func CPU() time.Duration { return Wall() }
