package report

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/dynarepo/dynarepo/bench/internal/measure"
)

// A Setting is where and how the results were measured.
type Setting struct {
	Date    string
	CPU     string // "" if it is not known
	Cores   int
	System  string
	Go      string
	Modules []string // as "path version"
	Options measure.Options
}

// Here returns the setting of this process.
func Here(date string, o measure.Options) Setting {
	s := Setting{
		Date:    date,
		CPU:     cpu(),
		Cores:   runtime.NumCPU(),
		System:  runtime.GOOS + "/" + runtime.GOARCH,
		Go:      runtime.Version(),
		Options: o,
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			if compared(m.Path) {
				s.Modules = append(s.Modules, m.Path+" "+m.Version)
			}
		}
	}
	return s
}

// compared tells whether a module is one of those that the page names.
func compared(path string) bool {
	switch path {
	case "github.com/aws/aws-sdk-go-v2",
		"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue",
		"github.com/aws/aws-sdk-go-v2/service/dynamodb",
		"github.com/aws/smithy-go",
		"github.com/guregu/dynamo/v2":
		return true
	}
	return false
}

// cpu returns what Linux calls the processor.
func cpu() string {
	f, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return ""
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if name, model, ok := strings.Cut(lines.Text(), ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(model)
		}
	}
	return ""
}

const intro = `# Benchmarks

` + "`make bench-report`" + ` wrote this page. ` + "`make bench`" + ` prints the same table after fewer
rounds, and ` + "`go test -bench . ./...`" + ` in this directory runs the same work as Go's
own benchmarks.

![Time relative to the SDK with attributevalue](%s)

## What is measured

The same work on the same items in several ways: **sdk** is the bare SDK, which
makes no structs (items to write are prepared beforehand), **sdk+attributevalue**
adds the SDK's own package for that, **hand** decodes and encodes attribute
values by code written for the type, and **guregu** is guregu/dynamo v2, used as
its README does. Ours is dynarepo over the same client; the lines that begin
with ` + "`standard/`" + ` are dynarepo without its fast path.

Items are of the mixed model unless the name says otherwise: 10 attributes that
hold 22 values, 533 bytes of JSON. Others are narrow (3 attributes), wide (100),
nested (15 maps on 4 levels) and large (7 KB of text).

Answers are canned and given within the process, with the checksum that DynamoDB
sends: what is measured is what a client costs, not a network or a service.
` + "`loopback/`" + ` goes over HTTP within the process, server included, and ` + "`local/`" + ` to
DynamoDB Local, whose own time is most of it. Every result is checked.

Variants run in turns, batch by batch in random order, with GOMAXPROCS=%d, so that
garbage collection is paid by those who cause it. A ratio is that of the medians
of all rounds; behind it are the quartiles of the ratios of single rounds. Below 1
means that ours takes less. Times within the process are processor time, those of
` + "`loopback/`, `local/`, `prefetch` and `segments`" + ` wall time; the last two are
ours over ours, with answers that take 5 ms and all cores.

`

// Page writes results as a page in Markdown that shows the plot.
func (r *Results) Page(w io.Writer, s Setting, plot string) error {
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, intro, plot, s.Options.Procs)
	fmt.Fprintf(out, "| | |\n|---|---|\n")
	fmt.Fprintf(out, "| Date | %s |\n", s.Date)
	if s.CPU != "" {
		fmt.Fprintf(out, "| Processor | %s |\n", s.CPU)
	}
	fmt.Fprintf(out, "| Cores | %d |\n| System | %s |\n| Go | %s |\n", s.Cores, s.System, s.Go)
	for _, m := range s.Modules {
		path, version, _ := strings.Cut(m, " ")
		fmt.Fprintf(out, "| %s | %s |\n", path, version)
	}
	fmt.Fprintf(out, "| Rounds | %d, of batches of %v |\n", s.Options.Rounds, s.Options.Batch)

	fmt.Fprint(out, "\n## Figures\n\n| benchmark | peer | ours | peer's | time ratio (quartiles) | allocations | peer's | ratio | bytes | peer's | ratio |\n")
	fmt.Fprintln(out, "|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|")
	for _, l := range r.Lines {
		ratio := l.Ratio()
		fmt.Fprintf(out, "| %s | %s | %s | %s | **%s** (%s–%s) | %.0f | %.0f | %s | %s | %s | %s |\n",
			l.Benchmark, l.Peer, duration(l.Ours.Time()), duration(l.Theirs.Time()),
			decimal(ratio.Time), decimal(ratio.Low), decimal(ratio.High),
			l.Ours.Allocs, l.Theirs.Allocs, decimal(ratio.Allocs),
			size(l.Ours.Bytes), size(l.Theirs.Bytes), decimal(ratio.Bytes))
	}
	if len(r.Memory) > 0 {
		fmt.Fprint(out, "\n## Memory\n\nRanging over a partition of pages of 1000 items, keeping none. The peak is what is\nlive beyond what was before, as a collector finds it that runs every few\nhundred KB.\n\n")
		fmt.Fprint(out, "| items | by | peak live heap | allocated in all |\n|--:|---|--:|--:|\n")
		for _, m := range r.Memory {
			fmt.Fprintf(out, "| %d | %s | %s | %s |\n", m.Items, m.Name, size(float64(m.Peak)), size(m.Allocated))
		}
	}
	return out.Flush()
}
