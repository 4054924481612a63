package work

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/bench/internal/canned"
	"github.com/dynarepo/dynarepo/bench/internal/measure"
	"github.com/dynarepo/dynarepo/bench/internal/model"
	"github.com/dynarepo/dynarepo/bench/internal/peer"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/sti"
)

// plain is the name of the task that reads the same page as items of one type.
const plain = "dynarepo/plain"

// View queries a page through a typed view, against a plain repository.
func View() Work {
	return kindsWork("view", []string{"sale"}, func(all *repo.Repo[model.Document], want sum) (measure.Task, error) {
		sales, err := sti.View[model.Sale](all)
		return collecting(peer.Dynarepo, sales, want, func(s *model.Sale) *model.Mixed { return &s.Mixed }), err
	})
}

// Poly queries a page of two kinds, each as its own type, against a plain
// repository.
func Poly() Work {
	return kindsWork("poly", []string{"sale", "refund"}, func(all *repo.Repo[model.Document], want sum) (measure.Task, error) {
		return collecting(peer.Dynarepo, all, want, func(d *model.Document) *model.Mixed { return (*d).Content() }), nil
	})
}

// kindsWork is a work on a page of items of kinds, in turn.
func kindsWork(name string, kinds []string, task func(*repo.Repo[model.Document], sum) (measure.Task, error)) Work {
	m := model.MixedModel()
	labels := fmt.Sprintf("work=%s/items=%d/model=%s", name, m.PageSize, m.Name)
	name = fmt.Sprintf("%s/%d", name, m.PageSize)
	return Work{
		Name:    name,
		Labels:  labels,
		Items:   m.PageSize,
		Compare: []Comparison{{name, peer.Dynarepo, plain}},
		Open: func() ([]measure.Task, func() error, error) {
			client, err := kindsClient(m, kinds)
			if err != nil {
				return nil, nil, err
			}
			db, err := repo.NewDB(client, nil)
			if err != nil {
				return nil, nil, err
			}
			spec := repo.Spec{
				Table: model.Table,
				Key:   key.Spec{Hash: key.String(model.Hash), Range: key.String(model.Range)},
			}
			one, err := repo.New[model.Mixed](db, spec)
			if err != nil {
				return nil, nil, err
			}
			spec.Kinds = sti.Kinds("kind", sti.Of[model.Sale]("sale"), sti.Of[model.Refund]("refund"))
			all, err := repo.New[model.Document](db, spec)
			if err != nil {
				return nil, nil, err
			}
			want := sumOf(1, m.PageSize)
			ours, err := task(all, want)
			if err != nil {
				return nil, nil, err
			}
			return []measure.Task{
				ours, collecting(plain, one, want, func(m *model.Mixed) *model.Mixed { return m }),
			}, func() error { return nil }, nil
		},
	}
}

// kindsClient answers with a page of items of kinds, in turn.
func kindsClient(m *model.Model[model.Mixed], kinds []string) (*dynamodb.Client, error) {
	attrs := make([]model.Attrs, m.PageSize)
	for i := range attrs {
		var err error
		if attrs[i], err = attributevalue.MarshalMap(m.At(i)); err != nil {
			return nil, err
		}
		attrs[i]["kind"] = &types.AttributeValueMemberS{Value: kinds[i%len(kinds)]}
	}
	return canned.NewTransport(canned.Page(attrs), 0).Client(), nil
}

// collecting returns a task that reads a page as a slice, whose sum is known.
func collecting[T any](name string, items *repo.Repo[T], want sum, content func(*T) *model.Mixed) measure.Task {
	var got []T
	return measure.Task{
		Name: name,
		Run: func(ctx context.Context) (err error) {
			got, err = items.Query(key.Of(model.KeyAt(0).PK)).Collect(ctx)
			return err
		},
		Finish: func(bool) error {
			defer func() { got = nil }()
			var is sum
			for i := range got {
				is.add(content(&got[i]))
			}
			if is != want {
				return fmt.Errorf("work: %d items, not the %d expected or not equal to them", is.items, want.items)
			}
			return nil
		},
	}
}
