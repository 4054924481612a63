package repo_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/internal/faults"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
)

// lines takes the lines of a log, each with its time and how long it took
// checked and taken out.
func lines(t *testing.T, log *bytes.Buffer) []map[string]any {
	t.Helper()
	var all []map[string]any
	for d := json.NewDecoder(log); d.More(); {
		var l map[string]any
		require.NoError(t, d.Decode(&l))
		assert.Equal(t, "DEBUG", l["level"])
		if l["msg"] == "dynarepo: path" { // of the database, once
			continue
		}
		assert.Equal(t, "dynarepo: request", l["msg"])
		assert.Positive(t, l["took"])
		for _, name := range []string{"level", "msg", "took", "time"} {
			delete(l, name)
		}
		all = append(all, l)
	}
	return all
}

// TestLog: at the level of debug each request has its line, on every operation.
func TestLog(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	db, tr := impatient(t, func(c *repo.Config) {
		c.Logger = slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	r := create[score](t, db, scoreSpec())
	table := r.Table()
	assert.Empty(t, lines(t, &log), "package table does not log")
	s := &score{ModelID: "m", AccountID: 42, Position: 1, UserID: "u"}
	k := key.Of("m", 42).Range(1)
	check := func(name string, err error, want ...map[string]any) {
		t.Helper()
		require.NoError(t, err, name)
		for _, l := range want {
			l["table"] = table
			if l["retries"] == nil {
				l["retries"] = 0.0
			}
		}
		assert.Equal(t, want, lines(t, &log), name)
	}
	check("create", r.Create(t.Context(), s), map[string]any{"op": "PutItem", "consumed": 5.0})
	_, err := r.Get(t.Context(), k)
	check("get", err, map[string]any{"op": "GetItem", "consumed": 0.5})
	_, err = r.Update(t.Context(), k, points.Set(2))
	check("update", err, map[string]any{"op": "UpdateItem", "consumed": 7.0})
	tr.On("BatchGetItem").Times(1).Do(faults.Unprocessed(1))
	_, err = r.GetMany(t.Context(), []key.Value{k, key.Of("m", 42).Range(2)})
	check("get many", err,
		map[string]any{"op": "BatchGetItem", "asked": 2.0, "unprocessed": 1.0, "consumed": 0.5}, map[string]any{"op": "BatchGetItem", "asked": 1.0, "consumed": 0.0})
	_, err = r.Query(partition).Where(userID.Eq("none")).Index("score_idx").Collect(t.Context())
	check("query", err, map[string]any{"op": "Query", "index": "score_idx", "returned": 0.0, "evaluated": 1.0, "consumed": 0.5})
	tr.On("Scan").Times(1).Do(faults.Throttle())
	_, err = r.Scan().Collect(t.Context())
	check("scan", err, map[string]any{"op": "Scan", "returned": 1.0, "evaluated": 1.0, "consumed": 0.5, "retries": 1.0})
	check("transaction", db.Transact(t.Context(), r.Ops().Check(k), r.Ops().Delete(key.Of("m", 42).Range(9))),
		map[string]any{"op": "TransactWriteItems", "asked": 2.0, "consumed": 3.0})
	var into score
	check("transact get", db.TransactGet(t.Context(), r.Into(k, &into)), map[string]any{"op": "TransactGetItems", "asked": 1.0, "consumed": 2.0})
	check("delete", r.Delete(t.Context(), k), map[string]any{"op": "DeleteItem", "consumed": 5.0})
	check("batch", db.Batch(t.Context(), r.Ops().Delete(k), r.Ops().Delete(key.Of("m", 42).Range(9))),
		map[string]any{"op": "BatchWriteItem", "asked": 2.0, "consumed": 4.0})

	tr.On("GetItem").Times(1).Do(faults.Throttle())
	tr.On("GetItem").Do(faults.Error(http.StatusBadRequest, "AccessDeniedException"))
	_, err = r.Get(t.Context(), k)
	require.Error(t, err)
	assert.Equal(t, []map[string]any{{"op": "GetItem", "table": table, "retries": 1.0, "error": "AccessDeniedException: a policy denies the operation to these credentials"}}, lines(t, &log))
}

// TestLogOff: a logger that is not enabled for debug gets nothing, and the
// client that was given is the one that Client returns.
func TestLogOff(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	db, _ := open(t, func(c *repo.Config) { c.Logger = slog.New(slog.NewTextHandler(&log, nil)) })
	r := create[score](t, db, scoreSpec())
	require.NoError(t, r.Create(t.Context(), &score{ModelID: "m", AccountID: 42, Position: 1}))
	_, err := r.Scan().Collect(t.Context())
	require.NoError(t, err)
	assert.Zero(t, log.Len())
}
