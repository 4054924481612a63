package work

import (
	"fmt"
	"strings"

	"github.com/dynarepo/dynarepo/bench/internal/canned"
	"github.com/dynarepo/dynarepo/bench/internal/measure"
	"github.com/dynarepo/dynarepo/bench/internal/model"
)

// inProcess answers without a network.
func inProcess(answers canned.Answers) (conn, error) { return canned.NewTransport(answers, 0), nil }

// overLoopback answers over HTTP.
func overLoopback(answers canned.Answers) (conn, error) { return canned.NewServer(answers) }

// Canned returns the works that are answered in the process: all on the mixed
// model, and pages and puts of the others.
func Canned() []Work {
	mixed := model.MixedModel()
	works := []Work{
		of(mixed, "get", job{"GetItem", 1}, inProcess),
		of(mixed, "put", job{"PutItem", 1}, inProcess),
		of(mixed, "query", job{"Query", 1}, inProcess),
		of(mixed, "query", job{"Query", 100}, inProcess),
		of(mixed, "query", job{"Query", 1000}, inProcess),
		of(mixed, "scan", job{"Scan", 1000}, inProcess),
		of(mixed, "batchget", job{"BatchGetItem", 100}, inProcess),
		of(mixed, "batchwrite", job{"BatchWriteItem", 25}, inProcess),
		of(mixed, "update", job{"UpdateItem", 1}, inProcess),
		of(mixed, "transact", job{"TransactWriteItems", 10}, inProcess),
		View(),
		Poly(),
	}
	works = append(works, others(model.NarrowModel())...)
	works = append(works, others(model.WideModel())...)
	works = append(works, others(model.NestedModel())...)
	return append(works, others(model.LargeModel())...)
}

func others[T any](m *model.Model[T]) []Work {
	return []Work{
		of(m, "put", job{"PutItem", 1}, inProcess),
		of(m, "query", job{"Query", 100}, inProcess),
	}
}

// Loopback returns the works that go over HTTP on the loopback interface.
func Loopback() []Work {
	mixed := model.MixedModel()
	return []Work{
		of(mixed, "loopback/get", job{"GetItem", 1}, overLoopback),
		of(mixed, "loopback/query", job{"Query", 1000}, overLoopback),
	}
}

// of returns a work on a model. Its name has the number of items where that
// can vary, and the model where that is not the mixed one.
func of[T any](m *model.Model[T], name string, j job, l link) Work {
	labels := fmt.Sprintf("work=%s/items=%d/model=%s", name[strings.LastIndex(name, "/")+1:], j.items, m.Name)
	switch j.op {
	case "GetItem", "PutItem", "UpdateItem":
	default:
		name = fmt.Sprintf("%s/%d", name, j.items)
	}
	if m.Name != "mixed" {
		name += "/" + m.Name
	}
	return Work{
		Name:    name,
		Labels:  labels,
		Items:   j.items,
		Compare: against(name),
		Open:    func() ([]measure.Task, func() error, error) { return open(m, j, l) },
	}
}
