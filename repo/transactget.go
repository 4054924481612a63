package repo

import (
	"context"
	"reflect"

	"github.com/dynarepo/dynarepo/internal/read"
	"github.com/dynarepo/dynarepo/key"
)

// A ReadOp is one read of a transaction. It is made by [Repo.Into].
type ReadOp struct{ op read.Op }

// Into is the read of the item with the key into a T, for [DB.TransactGet].
func (r *Repo[T]) Into(k key.Value, into *T) ReadOp {
	if r.ready("Into") != nil {
		return ReadOp{} // which is refused
	}
	return ReadOp{read.Op{Conn: r.db.conn, Table: r.table, Key: k, Into: reflect.ValueOf(into)}}
}

// TransactGet reads up to 100 items, over any repositories, as they stood at
// one moment, in one TransactGetItems request at twice the capacity; no reads,
// no request. Those of the items that are there are set; of the others the
// error is a [*MissingError]. Bad keys and more than 100 reads are [ErrInvalid]
// before any request. Reads that meet a write under way are [ErrConflict]; they
// are sent again only as Config.ConflictAttempts says.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactGetItems.html
func (db *DB) TransactGet(ctx context.Context, reads ...ReadOp) error {
	if err := db.ready("TransactGet"); err != nil {
		return err
	}
	ops := make([]read.Op, len(reads))
	for i, r := range reads {
		ops[i] = r.op
	}
	return read.Transact(ctx, db.conn, ops)
}
