package migrate

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// lineEvery is the time between two plain lines of progress.
const lineEvery = 5 * time.Second

// A progress shows how far long work has come, with its rate and the time left:
// a bar on a terminal, plain lines elsewhere.
type progress struct {
	out     io.Writer
	label   string
	total   int // as far as is known; 0 if it is not
	done    int
	now     func() time.Time
	started time.Time
	shown   time.Time
	bar     *progressbar.ProgressBar // nil for lines
}

// newProgress shows work on total items; 0 stands for not known how many.
func newProgress(out io.Writer, terminal bool, now func() time.Time, label string, total int) *progress {
	p := &progress{out: out, label: label, total: max(0, total), now: now, started: now()}
	if p.shown = p.started; !terminal {
		return p
	}
	length := p.total
	if length == 0 {
		length = -1
	}
	p.bar = progressbar.NewOptions(length,
		progressbar.OptionSetWriter(out),
		progressbar.OptionSetDescription("  "+label),
		progressbar.OptionSetWidth(30),
		progressbar.OptionShowCount(),
		progressbar.OptionShowIts(),
		progressbar.OptionSetItsString("items"),
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionSetSpinnerChangeInterval(0), // else a goroutine turns it
	)
	return p
}

// add tells that n more items are done.
func (p *progress) add(n int) {
	p.done += n
	if p.bar != nil {
		if p.total > 0 && p.done > p.total {
			p.total = p.done // the count of the table was old
			p.bar.ChangeMax(p.total)
		}
		_ = p.bar.Set(p.done) // a bar that can't be drawn is no reason to stop
		return
	}
	if now := p.now(); now.Sub(p.shown) >= lineEvery {
		p.shown = now
		p.line(now)
	}
}

// end tells that the work has ended, done or not.
func (p *progress) end() {
	if p.bar != nil {
		_ = p.bar.Exit()
		fmt.Fprintln(p.out)
		return
	}
	p.line(p.now())
}

func (p *progress) line(now time.Time) {
	text := fmt.Sprintf("  %s: %d", p.label, p.done)
	if p.total >= p.done && p.total > 0 {
		text += fmt.Sprintf(" of %d", p.total)
	}
	text += " items"
	if took := now.Sub(p.started); took > 0 {
		rate := float64(p.done) / took.Seconds()
		text += fmt.Sprintf(", %.0f/s", rate)
		if left := p.total - p.done; left > 0 && rate > 0 {
			text += fmt.Sprintf(", %v left", time.Duration(float64(left)/rate*float64(time.Second)).Round(time.Second))
		}
	}
	fmt.Fprintln(p.out, text)
}

// isTerminal tells whether what is written to w is seen as it comes.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
