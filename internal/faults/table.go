package faults

import (
	"bytes"
	"fmt"
	"net/http"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Creating returns the fault that says, in the engine's description of a table,
// that the table and each of its global indexes is CREATING.
func Creating() Fault {
	return describe(func(table map[string]any) error {
		table["TableStatus"] = types.TableStatusCreating
		for _, index := range globalIndexes(table) {
			index["IndexStatus"] = types.IndexStatusCreating
		}
		return nil
	})
}

// TableStatus returns the fault that gives a status to the table, and leaves its
// indexes alone, in the engine's description of it: the answer of
// DescribeTable, CreateTable, UpdateTable or DeleteTable. A successful answer
// that describes no table is [ErrMisfit].
func TableStatus(status types.TableStatus) Fault {
	return describe(func(table map[string]any) error {
		table["TableStatus"] = status
		return nil
	})
}

// IndexStatus returns the fault that gives a status to the global index of that
// name in the engine's description of its table. A successful answer that does
// not hold the index is [ErrMisfit].
func IndexStatus(name string, status types.IndexStatus) Fault {
	return describe(func(table map[string]any) error {
		for _, index := range globalIndexes(table) {
			if index["IndexName"] == name {
				index["IndexStatus"] = status
				return nil
			}
		}
		return fmt.Errorf("%w: the answer has no index %s", ErrMisfit, name)
	})
}

// Deleting returns the fault that lets a table linger: after a DeleteTable, the
// first n times that DescribeTable finds the table gone, the answer is the
// engine's last description of it, with the status DELETING. It is for a rule
// on both operations, and leaves every other answer as it is:
//
//	tr.On("DeleteTable", "DescribeTable").Do(faults.Deleting(3))
func Deleting(n int) Fault {
	l := &lingering{times: n, tables: map[string]*remains{}}
	return func(req *http.Request, send Send) (*http.Response, error) {
		switch operation(req) {
		case "DeleteTable":
			return l.delete(req, send)
		case "DescribeTable":
			return l.describe(req, send)
		default:
			return send(req)
		}
	}
}

// lingering keeps the last descriptions of deleted tables, by the name each was
// deleted by.
type lingering struct {
	times int

	mu     sync.Mutex
	tables map[string]*remains
}

type remains struct {
	table map[string]any
	left  int
}

// delete sends a DeleteTable and keeps the description it is answered with.
func (l *lingering) delete(req *http.Request, send Send) (*http.Response, error) {
	return edit(req, send, func(out map[string]any) error {
		table, err := description(req, out)
		if err != nil {
			return err
		}
		table["TableStatus"] = types.TableStatusDeleting
		l.mu.Lock()
		defer l.mu.Unlock()
		l.tables[tableName(req)] = &remains{table: table, left: l.times}
		return nil
	})
}

// describe sends a DescribeTable and answers in the engine's place while the
// table that it does not find lingers.
func (l *lingering) describe(req *http.Request, send Send) (*http.Response, error) {
	resp, err := send(req)
	if err != nil || resp.StatusCode != http.StatusBadRequest {
		return resp, err
	}
	body, err := drain(resp.Body)
	if err != nil {
		return nil, err
	}
	setBody(resp, body)
	if !bytes.Contains(body, []byte("ResourceNotFoundException")) {
		return resp, nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	r := l.tables[tableName(req)]
	if r == nil || r.left <= 0 {
		return resp, nil
	}
	r.left--
	return answer(req, http.StatusOK, map[string]any{"Table": r.table})
}

// describe returns the fault that lets change alter a description of a table.
func describe(change func(table map[string]any) error) Fault {
	return func(req *http.Request, send Send) (*http.Response, error) {
		return edit(req, send, func(out map[string]any) error {
			table, err := description(req, out)
			if err != nil {
				return err
			}
			return change(table)
		})
	}
}

// description returns the description of a table in the answer to req.
func description(req *http.Request, out map[string]any) (map[string]any, error) {
	for _, member := range []string{"Table", "TableDescription"} {
		if table, ok := out[member].(map[string]any); ok {
			return table, nil
		}
	}
	return nil, fmt.Errorf("%w: the answer to %s describes no table", ErrMisfit, operation(req))
}

// globalIndexes returns the descriptions of the table's global indexes.
func globalIndexes(table map[string]any) []map[string]any {
	list, _ := table["GlobalSecondaryIndexes"].([]any)
	var indexes []map[string]any
	for _, index := range list {
		indexes = append(indexes, object(index))
	}
	return indexes
}

// tableName returns the table that req names, "" if it names none.
func tableName(req *http.Request) string {
	body, err := bodyOf(req)
	if err != nil {
		return ""
	}
	name, _ := newRequest(req, body).JSON()["TableName"].(string)
	return name
}
