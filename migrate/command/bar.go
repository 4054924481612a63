package command

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/dynarepo/dynarepo/migrate"
)

// Bars returns what shows the progress of backfills as bars on out, a
// [migrate.Config.Progress], or nil if out is no terminal: then lines do better.
func Bars(out io.Writer) func(label string, total int) migrate.Progress {
	f, ok := out.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return nil
	}
	return func(label string, total int) migrate.Progress { return newBar(out, label, total) }
}

// A bar shows how far a backfill has come, with its rate and the time left.
type bar struct {
	out   io.Writer
	total int // as far as is known; 0 if it is not
	done  int
	bar   *progressbar.ProgressBar
}

func newBar(out io.Writer, label string, total int) *bar {
	length := total
	if length == 0 {
		length = -1
	}
	return &bar{out: out, total: total, bar: progressbar.NewOptions(
		length,
		progressbar.OptionSetWriter(out),
		progressbar.OptionSetDescription("  "+label),
		progressbar.OptionSetWidth(30),
		progressbar.OptionShowCount(),
		progressbar.OptionShowIts(),
		progressbar.OptionSetItsString("items"),
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionSetSpinnerChangeInterval(0), // else a goroutine turns it
	)}
}

// Add tells that n more items are done.
func (b *bar) Add(n int) {
	b.done += n
	if b.total > 0 && b.done > b.total {
		b.total = b.done // the count of the table was old
		b.bar.ChangeMax(b.total)
	}
	_ = b.bar.Set(b.done) // a bar that can't be drawn is no reason to stop
}

// End tells that the work has ended, done or not.
func (b *bar) End() {
	_ = b.bar.Exit()
	fmt.Fprintln(b.out)
}
