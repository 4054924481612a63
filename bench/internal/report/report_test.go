package report_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/bench/internal/measure"
	"github.com/dynarepo/dynarepo/bench/internal/peer"
	"github.com/dynarepo/dynarepo/bench/internal/report"
)

func results() *report.Results {
	ours := measure.Figure{Name: peer.Dynarepo, Times: []float64{2.1e6, 2e6, 1.9e6}, Allocs: 1500, Bytes: 512_345}
	return &report.Results{
		Lines: []report.Line{
			{Benchmark: "query/1000", Peer: peer.AttributeValue, Ours: ours, Theirs: measure.Figure{Times: []float64{20e6, 20e6, 20e6}, Allocs: 75_000, Bytes: 5e6}},
			{Benchmark: "query/1000", Peer: peer.Guregu, Ours: ours, Theirs: measure.Figure{Times: []float64{25e6, 25e6, 25e6}, Allocs: 150_000, Bytes: 6e6}},
			{Benchmark: "decode/1000", Peer: "json", Ours: ours, Theirs: measure.Figure{Times: []float64{4e6, 4e6, 4e6}}},
		},
		Memory: []report.Memory{{Items: 200_000, Name: peer.Dynarepo, Peak: 1_600_000, Allocated: 61e6}},
	}
}

func TestTable(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	require.NoError(t, results().Table(&out))
	var rows [][]string
	for line := range strings.Lines(out.String()) {
		rows = append(rows, strings.Fields(line))
	}
	assert.Equal(t, strings.Fields("query/1000 2.00 ms sdk+attributevalue 20.0 ms 0.10 1500 75000 0.020 512 KB 5.00 MB 0.10"), rows[1])
	assert.Equal(t, strings.Fields("decode/1000 2.00 ms json 4.00 ms 0.50 1500 0 - 512 KB 0.00 B -"), rows[3])
	assert.Equal(t, strings.Fields("200000 dynarepo 1.60 MB 61.0 MB"), rows[len(rows)-1])
}

func TestRatios(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	require.NoError(t, results().Ratios(&out))
	assert.Equal(t, "benchmark\tpeer\ttime ratio\tallocs ratio\tbytes ratio\n"+
		"query/1000\tsdk+attributevalue\t0.1000\t0.0200\t0.1025\n"+
		"query/1000\tguregu\t0.0800\t0.0100\t0.0854\n"+
		"decode/1000\tjson\t0.5000\tNaN\tNaN\n", out.String())
}

func TestMemories(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	require.NoError(t, results().Memories(&out))
	assert.Equal(t, "items\tby\tpeak live bytes\tallocated bytes\n200000\tdynarepo\t1600000\t61000000\n", out.String())
}

func TestPage(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	here := report.Here("2026-11-22", measure.Options{Rounds: 3, Batch: time.Millisecond, Procs: 1})
	require.NoError(t, results().Page(&out, here, "plot.svg"))
	for _, want := range []string{
		"](plot.svg)",
		"GOMAXPROCS=1",
		"| Date | 2026-11-22 |\n",
		"| Rounds | 3, of batches of 1ms |\n",
		"| Go | go1.",
		"| query/1000 | sdk+attributevalue | 2.00 ms | 20.0 ms | **0.10** (0.098–0.10) | 1500 | 75000 | 0.020 | 512 KB | 5.00 MB | 0.10 |\n",
		"| 200000 | dynarepo | 1.60 MB | 61.0 MB |\n",
	} {
		assert.Contains(t, out.String(), want)
	}
	assert.Positive(t, here.Cores)
}

func TestPlot(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, results().Plot(&out))
	svg := out.String()
	for _, want := range []string{"query/1000", peer.Dynarepo, peer.Guregu} {
		assert.Contains(t, svg, want)
	}
	for dec := xml.NewDecoder(&out); ; {
		if _, err := dec.Token(); errors.Is(err, io.EOF) {
			break
		} else if !assert.NoError(t, err) {
			break
		}
	}
	assert.ErrorIs(t, new(report.Results).Plot(io.Discard), report.ErrNothing)
}
