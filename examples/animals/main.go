// Command animals keeps cats, dogs and puppies in one table, and shows that
// each comes back as what it is. It exits with 0 only if all goes as it says.
package main

import (
	"github.com/dynarepo/dynarepo/examples/internal/program"
	"github.com/dynarepo/dynarepo/repo"
)

func main() { program.Main("animals", config, run) }

var config = repo.Config{Namespace: "demo"}
