// Package report writes what was measured: as a table, as tab-separated values,
// and as a page with a plot.
package report

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/dynarepo/dynarepo/bench/internal/measure"
)

// A Line is the comparison of one task with another.
type Line struct {
	Benchmark, Peer string
	Ours, Theirs    measure.Figure
}

// Ratio returns ours over theirs.
func (l *Line) Ratio() measure.Ratio { return l.Ours.Over(&l.Theirs) }

// A Memory is what ranging over many items took.
type Memory struct {
	Items     int
	Name      string
	Peak      int64   // bytes of live heap at most
	Allocated float64 // bytes in all
}

// Results are all that was measured.
type Results struct {
	Lines  []Line
	Memory []Memory
}

// Table prints the results.
func (r *Results) Table(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "benchmark\tours\tpeer\tpeer's\ttime ratio\tallocs\tpeer's\tratio\tbytes\tpeer's\tratio\t")
	for _, l := range r.Lines {
		ratio := l.Ratio()
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%.0f\t%.0f\t%s\t%s\t%s\t%s\t\n",
			l.Benchmark, duration(l.Ours.Time()), l.Peer, duration(l.Theirs.Time()), decimal(ratio.Time),
			l.Ours.Allocs, l.Theirs.Allocs, decimal(ratio.Allocs),
			size(l.Ours.Bytes), size(l.Theirs.Bytes), decimal(ratio.Bytes))
	}
	if len(r.Memory) > 0 {
		fmt.Fprintln(t, "\nstream of items\tby\tpeak live heap\tallocated\t")
		for _, m := range r.Memory {
			fmt.Fprintf(t, "%d\t%s\t%s\t%s\t\n", m.Items, m.Name, size(float64(m.Peak)), size(m.Allocated))
		}
	}
	return t.Flush()
}

// Ratios writes the lines as tab-separated values under a line of headings.
// A ratio to nothing is NaN.
func (r *Results) Ratios(w io.Writer) error {
	_, err := fmt.Fprintln(w, "benchmark\tpeer\ttime ratio\tallocs ratio\tbytes ratio")
	for _, l := range r.Lines {
		ratio := l.Ratio()
		_, e := fmt.Fprintf(w, "%s\t%s\t%.4f\t%.4f\t%.4f\n", l.Benchmark, l.Peer, ratio.Time, ratio.Allocs, ratio.Bytes)
		err = cmp.Or(err, e)
	}
	return err
}

// Memories writes what streams took as tab-separated values under a line of
// headings.
func (r *Results) Memories(w io.Writer) error {
	_, err := fmt.Fprintln(w, "items\tby\tpeak live bytes\tallocated bytes")
	for _, m := range r.Memory {
		_, e := fmt.Fprintf(w, "%d\t%s\t%d\t%.0f\n", m.Items, m.Name, m.Peak, m.Allocated)
		err = cmp.Or(err, e)
	}
	return err
}

// duration shows three digits of nanoseconds.
func duration(ns float64) string {
	unit := time.Nanosecond
	for _, u := range []time.Duration{time.Microsecond, time.Millisecond, time.Second} {
		if ns >= float64(u) {
			unit = u
		}
	}
	return digits(ns/float64(unit)) + " " + map[time.Duration]string{
		time.Nanosecond: "ns", time.Microsecond: "µs", time.Millisecond: "ms", time.Second: "s",
	}[unit]
}

// size shows three digits of bytes.
func size(bytes float64) string {
	units := []string{"B", "KB", "MB", "GB"}
	i := 0
	for bytes >= 1000 && i < len(units)-1 {
		bytes, i = bytes/1000, i+1
	}
	return digits(bytes) + " " + units[i]
}

// digits shows at least three digits.
func digits(v float64) string {
	switch {
	case v < 10:
		return strconv.FormatFloat(v, 'f', 2, 64)
	case v < 100:
		return strconv.FormatFloat(v, 'f', 1, 64)
	default:
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
}

// decimal shows a ratio; "-" if it is none.
func decimal(v float64) string {
	switch {
	case math.IsNaN(v):
		return "-"
	case v < 0.1:
		return strconv.FormatFloat(v, 'f', 3, 64)
	default:
		return strconv.FormatFloat(v, 'f', 2, 64)
	}
}
