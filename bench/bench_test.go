package bench_test

import (
	"testing"

	"github.com/dynarepo/dynarepo/bench/internal/work"
	"github.com/dynarepo/dynarepo/internal/engine"
)

// BenchmarkCanned: answers come from within the process.
func BenchmarkCanned(b *testing.B) { each(b, work.Canned()) }

// BenchmarkLoopback: answers come over HTTP from within the process.
func BenchmarkLoopback(b *testing.B) { each(b, work.Loopback()) }

// BenchmarkDecode: a page is decoded, or only looked at.
func BenchmarkDecode(b *testing.B) { each(b, []work.Work{work.Decode()}) }

// BenchmarkWaits: answers take 5 ms.
func BenchmarkWaits(b *testing.B) { each(b, work.Waits()) }

// BenchmarkStream: 20,000 items in 20 pages, none of which is kept.
func BenchmarkStream(b *testing.B) { each(b, []work.Work{work.Stream(20)}) }

// BenchmarkLocal: answers come from DynamoDB Local.
func BenchmarkLocal(b *testing.B) {
	e, err := engine.Start(b.Context(), engine.Benchmark())
	if err != nil {
		b.Fatal(err)
	}
	defer func() {
		if err := e.Close(); err != nil {
			b.Error(err)
		}
	}()
	works, err := work.Local(b.Context(), e.Client())
	if err != nil {
		b.Fatal(err)
	}
	each(b, works)
}

// each runs every task of works, and checks what came of the last run.
func each(b *testing.B, works []work.Work) {
	for _, w := range works {
		b.Run(w.Labels, func(b *testing.B) {
			tasks, closeAll, err := w.Open()
			if err != nil {
				b.Fatal(err)
			}
			for _, t := range tasks {
				b.Run("by="+t.Name, func(b *testing.B) {
					b.ReportAllocs()
					for b.Loop() {
						if err := t.Run(b.Context()); err != nil {
							b.Fatal(err)
						}
					}
					b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*w.Items), "ns/item")
					if err := t.Finish(true); err != nil {
						b.Fatal(err)
					}
				})
			}
			if err := closeAll(); err != nil {
				b.Fatal(err)
			}
		})
	}
}
