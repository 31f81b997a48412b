package fleet

import (
	"os"
	"testing"

	"github.com/lsh-project/lsh/daemon/pgtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }
