// Package migrations holds what changed the tables, a file a change.
package migrations

import "github.com/dynarepo/dynarepo/migrate"

// All are the migrations.
var All migrate.Set
