package repo

import (
	"errors"
	"reflect"

	"github.com/dynarepo/dynarepo/internal/door"
	"github.com/dynarepo/dynarepo/internal/fault"
	"github.com/dynarepo/dynarepo/internal/model"
	"github.com/dynarepo/dynarepo/internal/send"
	"github.com/dynarepo/dynarepo/internal/write"
)

// A Repo reads and writes the items of T in one table. It is immutable and
// safe for concurrent use. It keeps no item.
type Repo[T any] struct {
	db       *DB
	table    *model.Table
	declared Spec
	writer   *write.Writer // of writes without conditions
}

// New compiles spec for T, a struct type with dynamodbav tags as the SDK's
// attributevalue package reads them, or with [Spec.Kinds] an interface of such
// types, and returns its repository. It sends nothing. Every fault of the
// declaration is reported at once, joined, each a [*ConfigError] that is
// [ErrInvalid] and names the model and the field (rule L2). A model that neither
// literals nor kinds tell from others takes every item of its table for its own:
// where another type has a repository of the table too, that is logged as a
// warning, once (rule K7).
func New[T any](db *DB, spec Spec) (*Repo[T], error) {
	t := reflect.TypeFor[T]()
	if db == nil || db.conn == nil {
		return nil, &ConfigError{Model: t.String(), Field: "db", Rule: "want a DB"}
	}
	spec = spec.clone()
	table, err := model.Compile(spec.declared(db), t, assign[T])
	if err != nil {
		return nil, err
	}
	db.known.add(table, db.conn.Log)
	return &Repo[T]{db: db, table: table, declared: spec, writer: write.NewWriter(db.conn, table)}, nil
}

// assign sets slot, a T that is an interface, to p, which implements it.
func assign[T any](slot, p reflect.Value) { *slot.Addr().Interface().(*T) = p.Interface().(T) }

var errZeroRepo = errors.New("the zero Repo has no table: New makes repositories")

// ready refuses a nil and the zero Repo.
func (r *Repo[T]) ready(op string) error {
	if r != nil && r.table != nil {
		return nil
	}
	return &Error{Op: op, Table: noRepository, Err: fault.Because(ErrInvalid, errZeroRepo)}
}

// writes makes writes without conditions; nil, which is refused, of no
// repository.
func (r *Repo[T]) writes() *write.Writer {
	if r == nil {
		return nil
	}
	return r.writer
}

// DB returns what the repository was made with; nil of the zero Repo.
func (r *Repo[T]) DB() *DB {
	if r == nil {
		return nil
	}
	return r.db
}

// Spec returns a copy of the declaration, the zero Spec of the zero Repo. Its
// Table is the base name.
func (r *Repo[T]) Spec() Spec {
	if r == nil {
		return Spec{}
	}
	return r.declared.clone()
}

// Table returns the name of the table, namespace included; "" of the zero Repo.
func (r *Repo[T]) Table() string {
	if r == nil || r.table == nil {
		return ""
	}
	return r.table.Name
}

// Engine is for the packages of this module.
func (r *Repo[T]) Engine(door.Key) (*send.Conn, *model.Table) {
	if r == nil || r.table == nil {
		return nil, nil
	}
	return r.db.conn, r.table
}
