package work

import (
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"

	"github.com/dynarepo/dynarepo/bench/internal/canned"
	"github.com/dynarepo/dynarepo/bench/internal/measure"
	"github.com/dynarepo/dynarepo/bench/internal/model"
	"github.com/dynarepo/dynarepo/bench/internal/peer"
	dyniter "github.com/dynarepo/dynarepo/iter"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
)

// prefetched is the name of the task that reads two pages ahead.
const prefetched = "prefetch=2"

// book returns canned pages of the mixed model.
func book(pages, perPage int) (canned.Answers, error) {
	m := model.MixedModel()
	attrs := make([]model.Attrs, perPage)
	for i := range attrs {
		var err error
		if attrs[i], err = attributevalue.MarshalMap(m.At(i)); err != nil {
			return nil, err
		}
	}
	return canned.Pages(attrs, pages), nil
}

// A sum is what comes of ranging over items.
type sum struct{ items, counts int64 }

func (s *sum) add(m *model.Mixed) {
	s.items++
	s.counts += m.Count
}

// sumOf returns the sum of a book.
func sumOf(pages, perPage int) (s sum) {
	m := model.MixedModel()
	for i := range perPage {
		item := m.At(i)
		s.add(&item)
	}
	return sum{s.items * int64(pages), s.counts * int64(pages)}
}

// counting returns a task that ranges over items, whose sum is known.
func counting(name string, want sum, items func(context.Context) iter.Seq2[model.Mixed, error]) measure.Task {
	var got sum
	return measure.Task{
		Name: name,
		Run: func(ctx context.Context) error {
			got = sum{}
			for item, err := range items(ctx) {
				if err != nil {
					return err
				}
				got.add(&item)
			}
			return nil
		},
		Finish: func(bool) error {
			defer func() { got = sum{} }()
			if got != want {
				return fmt.Errorf("work: %d items, not the %d expected or not equal to them", got.items, want.items)
			}
			return nil
		},
	}
}

// Stream ranges over a partition of so many pages of 1000 items, and keeps
// none.
func Stream(pages int) Work {
	const perPage = 1000
	items := pages * perPage
	name := fmt.Sprintf("stream/%d", items)
	return Work{
		Name:   name,
		Labels: fmt.Sprintf("items=%d", items),
		Items:  items,
		Compare: []Comparison{
			{name, peer.Dynarepo, peer.AttributeValue},
			{name, peer.Dynarepo, peer.Guregu},
			{name + "/prefetch=2", prefetched, peer.AttributeValue},
		},
		Open: func() ([]measure.Task, func() error, error) {
			answers, err := book(pages, perPage)
			if err != nil {
				return nil, nil, err
			}
			client := canned.NewTransport(answers, 0).Client()
			items, err := peer.NewRepo[model.Mixed](client, nil)
			if err != nil {
				return nil, nil, err
			}
			pk := model.KeyAt(0).PK
			query := items.Query(key.Of(pk))
			stored := func(s peer.Store[model.Mixed]) func(context.Context) iter.Seq2[model.Mixed, error] {
				return func(ctx context.Context) iter.Seq2[model.Mixed, error] { return s.All(ctx, pk) }
			}
			want := sumOf(pages, perPage)
			return []measure.Task{
				counting(peer.Dynarepo, want, query.All),
				counting(prefetched, want, query.Prefetch(2).All),
				counting(peer.AttributeValue, want, stored(peer.NewAttributeValue[model.Mixed](client))),
				counting(peer.Guregu, want, stored(peer.NewGuregu[model.Mixed](client))),
			}, func() error { return nil }, nil
		},
	}
}

// wait is how long the answers of [Waits] take.
const wait = 5 * time.Millisecond

// Waits returns works whose answers take 5 ms: what is read ahead or at once
// does not wait for the rest.
func Waits() []Work {
	return []Work{prefetch(0), prefetch(wait), segments(8)}
}

// prefetch spends a time on each page, as on a call to somewhere else.
func prefetch(spend time.Duration) Work {
	const pages, perPage = 20, 100
	name := fmt.Sprintf("prefetch=2/work=%v", spend)
	return Work{
		Name:    name,
		Labels:  fmt.Sprintf("wait=%v/work=%v", wait, spend),
		Items:   pages * perPage,
		Compare: []Comparison{{name, prefetched, "prefetch=0"}},
		Open: func() ([]measure.Task, func() error, error) {
			items, err := waiting(pages, perPage)
			if err != nil {
				return nil, nil, err
			}
			query := items.Query(key.Of(model.KeyAt(0).PK))
			want := sumOf(pages, perPage)
			return []measure.Task{
				paging("prefetch=0", want, spend, query.Pages),
				paging(prefetched, want, spend, query.Prefetch(2).Pages),
			}, func() error { return nil }, nil
		},
	}
}

// segments scans in so many segments and in one.
func segments(n int) Work {
	const pages, perPage = 32, 1000
	name := fmt.Sprintf("scan/segments=%d", n)
	return Work{
		Name:    name,
		Labels:  fmt.Sprintf("wait=%v/scan", wait),
		Items:   pages * perPage,
		Compare: []Comparison{{name, fmt.Sprintf("segments=%d", n), "segments=1"}},
		Open: func() ([]measure.Task, func() error, error) {
			items, err := waiting(pages, perPage)
			if err != nil {
				return nil, nil, err
			}
			want := sumOf(pages, perPage)
			return []measure.Task{
				counting("segments=1", want, items.Scan().All),
				counting(fmt.Sprintf("segments=%d", n), want, items.Scan().Segments(n).All),
			}, func() error { return nil }, nil
		},
	}
}

// waiting returns a repository whose answers take their time.
func waiting(pages, perPage int) (*repo.Repo[model.Mixed], error) {
	answers, err := book(pages, perPage)
	if err != nil {
		return nil, err
	}
	return peer.NewRepo[model.Mixed](canned.NewTransport(answers, wait).Client(), nil)
}

// paging is counting page by page, with a pause after each.
func paging(name string, want sum, pause time.Duration, pages func(context.Context) iter.Seq2[dyniter.Page[model.Mixed], error]) measure.Task {
	return counting(name, want, func(ctx context.Context) iter.Seq2[model.Mixed, error] {
		return func(yield func(model.Mixed, error) bool) {
			for page, err := range pages(ctx) {
				if err != nil {
					yield(model.Mixed{}, err)
					return
				}
				for _, item := range page.Items {
					if !yield(item, nil) {
						return
					}
				}
				time.Sleep(pause)
			}
		}
	})
}
