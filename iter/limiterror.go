package iter

import "errors"

// ErrLimit is the sentinel of a limit that is out of range. The error names the
// limit and the value.
var ErrLimit = errors.New("iter: invalid limit")
