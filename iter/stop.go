package iter

import "fmt"

// Stop tells why reading ended.
type Stop uint8

// The reasons to end. A [Pager] knows the first four; the others are set by who
// runs it.
const (
	StopNone        Stop = iota // it has not ended
	StopExhausted               // there is nothing more
	StopRecordLimit             // as many items as wanted were returned
	StopScanLimit               // as many items as allowed were evaluated
	StopCaller                  // the caller left the loop
	StopContext                 // the context ended
	StopError                   // a request, or what was made of its answer, failed
)

var stopTexts = [...]string{
	StopNone:        "none",
	StopExhausted:   "exhausted",
	StopRecordLimit: "record limit",
	StopScanLimit:   "scan limit",
	StopCaller:      "caller",
	StopContext:     "context",
	StopError:       "error",
}

// String returns the reason in a word or two, as "record limit".
func (s Stop) String() string {
	if int(s) < len(stopTexts) {
		return stopTexts[s]
	}
	return fmt.Sprintf("Stop(%d)", uint8(s))
}
