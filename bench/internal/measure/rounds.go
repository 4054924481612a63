// Package measure times tasks against each other in interleaved rounds, and
// counts what they allocate.
package measure

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"time"
)

// A Task is some work in one way.
type Task struct {
	// Name is that of the way.
	Name string
	// Run does the work once and keeps its result.
	Run func(context.Context) error
	// Finish drops the result of the last Run. If it compares, its error tells
	// that the result was not as it should be.
	Finish func(compare bool) error
}

// Options are how to measure.
type Options struct {
	// Rounds is how many batches of each task are run, 1 or more.
	Rounds int
	// Batch is about how long a batch takes; at least one run.
	Batch time.Duration
	// Procs is GOMAXPROCS meanwhile. With 1, garbage collection counts as the
	// time of those who cause it. 0 leaves it as it is.
	Procs int
	// Clock is Wall or CPU. Defaults to Wall.
	Clock func() time.Duration
	// Warm lets a run that does not count go before each batch, so that pools
	// are filled as they are where a task is done all the time.
	Warm bool
	// Seed is that of the order within each round.
	Seed uint64
}

// A Figure is what was measured of one task.
type Figure struct {
	Name string
	// Times are nanoseconds a run, by round.
	Times []float64
	// Allocs and Bytes are allocations and bytes a run, the median of rounds.
	Allocs, Bytes float64
}

// Time returns the median of the times.
func (f *Figure) Time() float64 { return Median(f.Times) }

// Rounds measures the tasks: each round runs a batch of every task, in random
// order, so that what else goes on in the machine and on the heap meets all
// alike. The figures are in the order of the tasks. The results of the first run
// and of the last batch are compared.
func Rounds(ctx context.Context, tasks []Task, o Options) ([]Figure, error) {
	if o.Procs > 0 {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(o.Procs))
	}
	if o.Clock == nil {
		o.Clock = Wall
	}
	random := rand.New(rand.NewPCG(o.Seed, 0))
	runs := make([]int, len(tasks))
	figures := make([]Figure, len(tasks))
	for i, t := range tasks {
		n, err := calibrate(ctx, t, o.Batch, o.Clock)
		if err != nil {
			return nil, fmt.Errorf("measure: %s: %w", t.Name, err)
		}
		runs[i], figures[i].Name = n, t.Name
	}
	allocs := make([][]float64, len(tasks))
	bytes := make([][]float64, len(tasks))
	for round := range o.Rounds {
		for _, i := range random.Perm(len(tasks)) {
			if o.Warm {
				if err := tasks[i].Run(ctx); err != nil {
					return nil, fmt.Errorf("measure: %s: %w", tasks[i].Name, err)
				}
			}
			s, err := run(ctx, tasks[i], runs[i], o.Clock, round == o.Rounds-1)
			if err != nil {
				return nil, fmt.Errorf("measure: %s: %w", tasks[i].Name, err)
			}
			n := float64(runs[i])
			figures[i].Times = append(figures[i].Times, float64(s.time)/n)
			allocs[i] = append(allocs[i], float64(s.allocs)/n)
			bytes[i] = append(bytes[i], float64(s.bytes)/n)
		}
	}
	for i := range figures {
		figures[i].Allocs, figures[i].Bytes = Median(allocs[i]), Median(bytes[i])
	}
	return figures, nil
}

// calibrate returns how many runs take as long as a batch.
func calibrate(ctx context.Context, t Task, batch time.Duration, clock func() time.Duration) (int, error) {
	if s, err := run(ctx, t, 1, clock, true); err != nil || s.time > 10*batch {
		return 1, err
	}
	for n := 1; ; n *= 2 {
		s, err := run(ctx, t, n, clock, false)
		if err != nil {
			return 0, err
		}
		if s.time >= batch/2 {
			return max(1, int(float64(n)*float64(batch)/float64(s.time)+0.5)), nil
		}
	}
}

// A sample is what one batch took.
type sample struct {
	time          time.Duration
	allocs, bytes uint64
}

func run(ctx context.Context, t Task, n int, clock func() time.Duration, compare bool) (sample, error) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := clock()
	for range n {
		if err := t.Run(ctx); err != nil {
			return sample{}, err
		}
	}
	took := clock() - start
	runtime.ReadMemStats(&after)
	return sample{took, after.Mallocs - before.Mallocs, after.TotalAlloc - before.TotalAlloc}, t.Finish(compare)
}
