package repo

import (
	"errors"
	"reflect"
	"slices"

	"github.com/dynarepo/dynarepo/internal/fault"
	"github.com/dynarepo/dynarepo/internal/values"
	"github.com/dynarepo/dynarepo/key"
)

// severalTables is what an error of an operation on no one table names.
const severalTables = "several tables"

// makers make the public errors of what the rooms beneath find.
var makers = fault.Makers{
	Op: func(op, table, index string, attrs []string, err error) error {
		if _, wrapped := errors.AsType[*Error](err); wrapped {
			return err
		}
		if table == "" {
			table = severalTables
		}
		return &Error{Op: op, Table: table, Index: index, Attrs: slices.Clone(attrs), Err: err}
	},
	Together: func(op string, err error) error { return &Error{Op: op, Table: severalTables, Err: err} },
	Config: func(model, field, rule string, err error) error {
		return &ConfigError{Model: model, Field: field, Rule: rule, err: err}
	},
	Kind:     func(attr string, t reflect.Type) error { return &KindError{Attr: attr, Type: t} },
	Size:     func(bytes int) error { return &SizeError{Bytes: bytes} },
	Callback: func(event uint8, err error) error { return &CallbackError{Event: Event(event), err: err} },
	Condition: func(stored values.Item, cause error) error {
		return &ConditionError{Stored: stored, err: cause}
	},
	Unique: func(model, name string, attrs []string, owner values.Item, cause error) error {
		return &UniqueError{Model: model, Name: name, Attrs: attrs, Owner: owner, err: cause}
	},
	Transact: func(failed []fault.FailedOp, cause error) error {
		all := make([]FailedOp, len(failed))
		for i, f := range failed {
			all[i] = FailedOp(f)
		}
		return &TransactError{Failed: all, err: cause}
	},
	Missing:     func(positions []int) error { return &MissingError{Positions: positions} },
	Unprocessed: func(keys []key.Value, cause error) error { return &UnprocessedError{Keys: keys, err: cause} },
	Batch:       func(left fault.Undone) error { return &BatchError{Left: left.Positions(), Errs: left.Errs()} },
}
