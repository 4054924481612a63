package repo

import (
	"log/slog"
	"slices"
	"sync"

	"github.com/dynarepo/dynarepo/internal/model"
)

// A roster has the models of each table of a database, to warn of one that takes
// the items of the others for its own (rule K7).
type roster struct {
	mu     sync.Mutex
	tables map[string][]member
}

type member struct {
	model string
	takes bool // every item of the table
}

// add enters a model. Where it or one beside it takes every item of the table, it
// is warned of, once.
func (r *roster) add(t *model.Table, log *slog.Logger) {
	own := member{t.Model, t.Kind == nil && !slices.ContainsFunc(t.Keys.Composites, model.HasLiteral)}
	r.mu.Lock()
	defer r.mu.Unlock()
	beside := r.tables[t.Name]
	if slices.Contains(beside, own) {
		return
	}
	if r.tables == nil {
		r.tables = map[string][]member{}
	}
	r.tables[t.Name] = append(slices.Clip(beside), own)
	if len(beside) > 0 && own.takes {
		warn(log, t.Name, own, beside[0])
	}
	if len(beside) == 1 && beside[0].takes { // with more of them it was warned of before
		warn(log, t.Name, beside[0], own)
	}
}

func warn(log *slog.Logger, table string, takes, other member) {
	log.Warn("dynarepo: a model takes every item of its table for its own", slog.String("table", table),
		slog.String("model", takes.model), slog.String("beside", other.model),
		slog.String("suggest", "give its key a literal, or declare Kinds"))
}
