package migrate

import (
	"fmt"
	"io"
	"time"
)

// A Progress shows how far a backfill has come. Its methods are called by one
// goroutine at a time.
type Progress interface {
	Add(n int) // n more items are done
	End()      // the work has ended, done or not
}

// lineEvery is the time between two lines of progress.
const lineEvery = 5 * time.Second

// lines show how far long work has come, with its rate and the time left, a
// line now and then.
type lines struct {
	out     io.Writer
	label   string
	total   int // as far as is known; 0 if it is not
	done    int
	now     func() time.Time
	started time.Time
	shown   time.Time
}

// progress returns what shows work on total items; 0 or less stands for not
// known how many.
func (c *Config) progress(label string, total int) Progress {
	total = max(0, total)
	if c.Progress != nil {
		if p := c.Progress(label, total); p != nil {
			return p
		}
	}
	now := c.Now()
	return &lines{out: c.Out, label: label, total: total, now: c.Now, started: now, shown: now}
}

// Add tells that n more items are done.
func (l *lines) Add(n int) {
	l.done += n
	if now := l.now(); now.Sub(l.shown) >= lineEvery {
		l.shown = now
		l.line(now)
	}
}

// End tells that the work has ended, done or not.
func (l *lines) End() { l.line(l.now()) }

func (l *lines) line(now time.Time) {
	text := fmt.Sprintf("  %s: %d", l.label, l.done)
	if l.total >= l.done && l.total > 0 {
		text += fmt.Sprintf(" of %d", l.total)
	}
	text += " items"
	if took := now.Sub(l.started); took > 0 {
		rate := float64(l.done) / took.Seconds()
		text += fmt.Sprintf(", %.0f/s", rate)
		if left := l.total - l.done; left > 0 && rate > 0 {
			text += fmt.Sprintf(", %v left", time.Duration(float64(left)/rate*float64(time.Second)).Round(time.Second))
		}
	}
	fmt.Fprintln(l.out, text)
}
