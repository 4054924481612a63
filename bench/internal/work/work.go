// Package work says what the benchmarks do, and with what they compare it.
package work

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/dynarepo/dynarepo/bench/internal/canned"
	"github.com/dynarepo/dynarepo/bench/internal/measure"
	"github.com/dynarepo/dynarepo/bench/internal/model"
	"github.com/dynarepo/dynarepo/bench/internal/peer"
)

// A Work is something to do in several ways.
type Work struct {
	// Name is that of the benchmark, such as "query/1000".
	Name string
	// Labels name it in the form of Go's benchmarks, such as "work=query/items=1000".
	Labels string
	// Items is how many items a run handles.
	Items int
	// Compare says which tasks are compared.
	Compare []Comparison
	// Open makes the tasks, which close must follow.
	Open func() (tasks []measure.Task, close func() error, err error)
}

// Ours tells whether a task is one of dynarepo's.
func (w Work) Ours(task string) bool {
	return slices.ContainsFunc(w.Compare, func(c Comparison) bool { return c.Ours == task })
}

// A Comparison is a line of the table: one task over another.
type Comparison struct{ Benchmark, Ours, Peer string }

// The peers that dynarepo is compared with.
var peers = []string{peer.SDK, peer.AttributeValue, peer.Hand, peer.Guregu}

// against compares dynarepo with every peer, and its standard path with
// attributevalue.
func against(name string) []Comparison {
	var c []Comparison
	for _, p := range peers {
		c = append(c, Comparison{name, peer.Dynarepo, p})
	}
	return append(c, Comparison{"standard/" + name, peer.Standard, peer.AttributeValue})
}

// A job is what a store is to do: an operation of DynamoDB on so many items.
type job struct {
	op    string
	items int
}

// newScore is what UpdateItem sets.
const newScore = 4711.5

// answers returns what DynamoDB answers to the job.
func (j job) answers(items []model.Attrs) canned.Answers {
	switch j.op {
	case "GetItem":
		return canned.Item(items[0])
	case "UpdateItem":
		return canned.Updated(items[0])
	case "Query", "Scan":
		return canned.Page(items)
	case "BatchGetItem":
		return canned.Found(items)
	case "BatchWriteItem":
		return canned.AllWritten()
	default:
		return canned.Done()
	}
}

// reads tells whether the job returns items.
func (j job) reads() bool {
	return j.op != "PutItem" && j.op != "BatchWriteItem" && j.op != "TransactWriteItems"
}

// A result is what a run returned; one has room for a single item.
type result[R any] struct {
	one  [1]R
	many []R
}

// run returns what does the job on a store.
func run[R any](j job, store peer.Store[R], items []R, got *result[R]) func(context.Context) error {
	k, keys := model.KeyAt(0), model.Keys(j.items)
	switch j.op {
	case "GetItem":
		return func(ctx context.Context) (err error) {
			got.one[0], err = store.Get(ctx, k)
			got.many = got.one[:]
			return err
		}
	case "UpdateItem":
		return func(ctx context.Context) (err error) {
			got.one[0], err = store.Update(ctx, k, newScore)
			got.many = got.one[:]
			return err
		}
	case "PutItem":
		return func(ctx context.Context) error { return store.Put(ctx, &items[0]) }
	case "Query":
		return func(ctx context.Context) (err error) {
			got.many, err = store.Query(ctx, k.PK)
			return err
		}
	case "Scan":
		return func(ctx context.Context) (err error) {
			got.many, err = store.Scan(ctx)
			return err
		}
	case "BatchGetItem":
		return func(ctx context.Context) (err error) {
			got.many, err = store.BatchGet(ctx, keys)
			return err
		}
	case "BatchWriteItem":
		return func(ctx context.Context) error { return store.BatchWrite(ctx, items) }
	default:
		return func(ctx context.Context) error { return store.Transact(ctx, items) }
	}
}

// A conn is where a client's requests go.
type conn interface {
	Client() *dynamodb.Client
	// Take returns the operation and the body of the last request and forgets
	// them.
	Take() (op string, body []byte)
	Close() error
}

// A link makes connections that are answered so.
type link func(canned.Answers) (conn, error)

// A set is the tasks of a job on items of T.
type set[T any] struct {
	job   job
	items []T
	attrs []model.Attrs
	link  link
	tasks []measure.Task
	conns []conn
}

func newSet[T any](m *model.Model[T], j job, l link) (*set[T], error) {
	s := &set[T]{job: j, items: m.Items(j.items), link: l}
	if j.op == "UpdateItem" {
		*m.Score(&s.items[0]) = newScore
	}
	for i := range s.items {
		attrs, err := attributevalue.MarshalMap(&s.items[i])
		if err != nil {
			return nil, err
		}
		s.attrs = append(s.attrs, attrs)
	}
	return s, nil
}

func (s *set[T]) close() error {
	var errs []error
	for _, c := range s.conns {
		errs = append(errs, c.Close())
	}
	return errors.Join(errs...)
}

// add adds the task of one way, whose items are of type R, to a set.
func add[T, R any](s *set[T], name string, items []R, open func(*dynamodb.Client) (peer.Store[R], error)) error {
	c, err := s.link(s.job.answers(s.attrs))
	if err != nil {
		return err
	}
	s.conns = append(s.conns, c)
	store, err := open(c.Client())
	if err != nil {
		return err
	}
	var got result[R]
	s.tasks = append(s.tasks, measure.Task{
		Name: name,
		Run:  run(s.job, store, items, &got),
		Finish: func(compare bool) error {
			defer func() { got = result[R]{} }()
			if !compare {
				return nil
			}
			if s.job.reads() && !reflect.DeepEqual(items, got.many) {
				return fmt.Errorf("work: %d items, not the %d expected or not equal to them", len(got.many), len(items))
			}
			return s.sent(c)
		},
	})
	return nil
}

// sent compares the last request with what the job asks for.
func (s *set[T]) sent(c conn) error {
	op, body := c.Take()
	if op != s.job.op {
		return fmt.Errorf("work: sent %q, not %q", op, s.job.op)
	}
	if s.job.reads() {
		return nil
	}
	attrs, err := canned.Written(body)
	if err != nil {
		return err
	}
	var items []T
	if err := attributevalue.UnmarshalListOfMaps(attrs, &items); err != nil {
		return err
	}
	if !reflect.DeepEqual(s.items, items) {
		return fmt.Errorf("work: sent %d items, not the %d expected or not equal to them", len(items), len(s.items))
	}
	return nil
}

// open returns the tasks of all ways.
func open[T any](m *model.Model[T], j job, l link) ([]measure.Task, func() error, error) {
	s, err := newSet(m, j, l)
	if err != nil {
		return nil, nil, err
	}
	plain := func(open func(*dynamodb.Client) peer.Store[T]) func(*dynamodb.Client) (peer.Store[T], error) {
		return func(c *dynamodb.Client) (peer.Store[T], error) { return open(c), nil }
	}
	err = errors.Join(
		add(s, peer.Dynarepo, s.items, func(c *dynamodb.Client) (peer.Store[T], error) { return peer.NewDynarepo(c, m) }),
		add(s, peer.Standard, s.items, func(c *dynamodb.Client) (peer.Store[T], error) { return peer.NewStandard(c, m) }),
		add(s, peer.SDK, s.attrs, func(c *dynamodb.Client) (peer.Store[model.Attrs], error) { return peer.NewSDK(c), nil }),
		add(s, peer.AttributeValue, s.items, plain(peer.NewAttributeValue[T])),
		add(s, peer.Hand, s.items, plain(func(c *dynamodb.Client) peer.Store[T] { return peer.NewHand(c, m) })),
		add(s, peer.Guregu, s.items, plain(peer.NewGuregu[T])),
	)
	if err != nil {
		return nil, nil, errors.Join(err, s.close())
	}
	return s.tasks, s.close, nil
}
