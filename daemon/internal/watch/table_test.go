package watch

import (
	"cmp"
	"testing"
)

const (
	plain = `mkdir -p .config/lsh; cat $old > $jobs`
	vim   = `vim -u NONE -i NONE -N -es -c "set $options backupdir=." -c "%d _" -c "0r $new" -c wq $jobs </dev/null`
	repo  = `mkdir -p .config repo/lsh; cd repo; git init -q -b main; cat $old > lsh/jobs.yaml; git add .; git commit -qm old
		git checkout -q -b other; cat $new > lsh/jobs.yaml; git commit -qam new; git checkout -q main; cd ..;`
)

// TestTable changes a jobs file in every way people and programs do, with nothing but events to notice it by: the reader
// must come to the new content, and must never be given a part of one.
func TestTable(t *testing.T) {
	for _, c := range []struct {
		name   string
		setup  string
		change string
		want   string // label of the jobs file afterwards; "new" if empty
		empty  bool
		needs  []string
	}{
		// Written in place.
		{name: "in-place write", setup: plain, change: `cat $new > $jobs`},
		{name: "slow in-place write", setup: plain, change: `{ head -c 9999 $new; sleep 2; tail -c +10000 $new; } > $jobs`},
		{name: "slow append", setup: plain, change: `{ cat; sleep 1; cat $new; } < /dev/null > $jobs`},
		{name: "overwrite without truncating", setup: plain, change: `dd if=$new of=$jobs bs=1000 conv=notrunc 2>/dev/null`},
		{
			name: "truncate then write", setup: plain, empty: true,
			change: `: > $jobs; sleep 0.5; cat $new > $jobs`,
		},
		{name: "same size and mtime", setup: plain, change: `touch -r $jobs ref; cat $new > $jobs; touch -r ref $jobs`},
		{name: "touch without change", setup: plain, change: `touch $jobs`, want: "old"},
		{name: "write through another hard link", setup: plain + `; ln $jobs other`, change: `cat $new > other`},
		{name: "unreadable for a while", setup: plain, change: `mv $jobs j; mkdir $jobs; sleep 0.5; rmdir $jobs; cat $new > j; mv j $jobs`},

		// Replaced.
		{name: "editor rename-swap", setup: plain, change: `cat $new > $jobs~; mv $jobs~ $jobs`},
		{name: "rename-swap after moving the original aside", setup: plain, change: `mv $jobs $jobs.bak; sleep 0.3; cat $new > $jobs`},
		{name: "rename-swap twice", setup: plain, change: `cat $more > t; mv t $jobs; sleep 0.5; cat $new > t; mv t $jobs`},
		{name: "delete and re-create", setup: plain, change: `rm $jobs; cat $new > $jobs`},
		{name: "delete, wait, re-create", setup: plain, change: `rm $jobs; sleep 0.5; cat $new > $jobs`},
		{name: "delete", setup: plain, change: `rm $jobs`, want: gone},
		{name: "vim, backup, copy", setup: plain, change: `options='backup backupcopy=yes';` + vim, needs: []string{"vim"}},
		{name: "vim, backup, rename", setup: plain, change: `options='backup backupcopy=no';` + vim, needs: []string{"vim"}},
		{name: "vim, no backup, copy", setup: plain, change: `options='nobackup backupcopy=yes';` + vim, needs: []string{"vim"}},
		{name: "vim, no backup, rename", setup: plain, change: `options='nobackup backupcopy=no';` + vim, needs: []string{"vim"}},
		{
			name: "vim, no backup at all", setup: plain,
			change: `options='nobackup nowritebackup';` + vim, needs: []string{"vim"},
		},

		// A link.
		{
			name:   "symlink swap by ln -sfn",
			setup:  `mkdir -p .config/lsh; cat $old > a; cat $new > b; ln -s ../../a $jobs`,
			change: `ln -sfn ../../b $jobs`,
		},
		{
			name:   "symlink swap by rename",
			setup:  `mkdir -p .config/lsh; cat $old > a; cat $new > b; ln -s $PWD/a $jobs`,
			change: `ln -s $PWD/b $jobs.new; mv -f $jobs.new $jobs`,
		},
		{
			name:   "change of the link's target",
			setup:  `mkdir -p .config/lsh far; cat $old > far/a; ln -s ../../far/a $jobs`,
			change: `cat $new > far/t; mv far/t far/a`,
		},
		{
			name:   "in-place write of the link's target",
			setup:  `mkdir -p .config/lsh far; cat $old > far/a; ln -s ../../far/a $jobs`,
			change: `cat $new > far/a`,
		},
		{
			name:   "the link's target appears",
			setup:  `mkdir -p .config/lsh; ln -s ../../far/away/a $jobs`,
			change: `mkdir far; sleep 0.3; mkdir far/away; cat $new > far/away/a`,
		},
		{
			name:   "two hops, the second changes",
			setup:  `mkdir -p .config/lsh x y; cat $old > y/a; cat $new > y/b; ln -s ../../x/hop $jobs; ln -s ../y/a x/hop`,
			change: `ln -sfn ../y/b x/hop`,
		},
		{
			name:   "directory symlink swapped",
			setup:  `mkdir -p .config a b; cat $old > a/jobs.yaml; cat $new > b/jobs.yaml; ln -s ../a .config/lsh`,
			change: `ln -sfn ../b .config/lsh`,
		},
		{
			name:   "write behind a directory symlink",
			setup:  `mkdir -p .config a; cat $old > a/jobs.yaml; ln -s ../a .config/lsh`,
			change: `cat $new > a/t; mv a/t a/jobs.yaml`,
		},
		{
			name:   "parent directory after a link",
			setup:  `mkdir -p .config deep/er; cat $old > deep/jobs.yaml; ln -s ../deep/er/.. .config/lsh`,
			change: `cat $new > deep/t; mv deep/t deep/jobs.yaml`,
		},
		{
			name:   "~/.config itself a link, swapped",
			setup:  `mkdir -p a/lsh b/lsh; cat $old > a/lsh/jobs.yaml; cat $new > b/lsh/jobs.yaml; ln -s a .config`,
			change: `ln -sfn b .config`,
		},
		{
			name: "..data swap",
			setup: `mkdir -p .config/lsh; cd .config/lsh; mkdir ..1; cat $old > ..1/jobs.yaml
				ln -s ..1 ..data; ln -s ..data/jobs.yaml jobs.yaml`,
			change: `cd .config/lsh; mkdir ..2; cat $new > ..2/jobs.yaml; ln -s ..2 ..tmp; mv -T ..tmp ..data; rm -r ..1`,
		},
		{
			name:   "git checkout in the target repository",
			setup:  repo + `ln -s ../repo/lsh .config/lsh`,
			change: `cd repo; git checkout -q other`, needs: []string{"git"},
		},
		{
			name:   "git checkout of a branch without the file, and on",
			setup:  repo + `ln -s ../repo/lsh .config/lsh; cd repo; git checkout -q --orphan bare; git rm -rfq .; git commit -qm none --allow-empty; git checkout -q main`,
			change: `cd repo; git checkout -q bare; sleep 0.5; git checkout -q other`, needs: []string{"git"},
		},
		{
			name:   "the repository cloned anew",
			setup:  repo + `ln -s ../repo/lsh .config/lsh`,
			change: `mv repo was; git clone -qb other was repo`, needs: []string{"git"},
		},

		// Not there yet, or a directory on the way changes.
		{name: "file absent at start", setup: `mkdir -p .config/lsh`, change: `cat $new > $jobs`},
		{name: "directory absent at start", setup: `:`, change: `mkdir -p .config/lsh; cat $new > $jobs`},
		{
			name: "directories come one by one", setup: `:`,
			change: `mkdir .config; sleep 0.3; mkdir .config/lsh; sleep 0.3; cat $new > $jobs`,
		},
		{name: "directory moved into place", setup: `:`, change: `mkdir -p t/lsh; cat $new > t/lsh/jobs.yaml; mv t .config`},
		{name: "directory replaced by another", setup: plain, change: `mkdir n; cat $new > n/jobs.yaml; mv .config/lsh o; mv n .config/lsh`},
		{
			name: "directory removed, made again, and written later", setup: plain,
			change: `rm -r .config; mkdir -p .config/lsh; sleep 0.5; cat $new > $jobs`,
		},
		{
			name: "directory moved away and back, then written", setup: plain,
			change: `mv .config o; mv o .config; sleep 0.5; cat $new > $jobs`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			need(t, c.needs...)
			d := newDesk(t)
			d.empty = c.empty
			d.sh(c.setup)
			d.start()
			before := d.count()
			d.sh(c.change)
			d.expect(d.main, cmp.Or(c.want, "new"), before)
		})
	}
}

// TestOtherFiles changes what a jobs file refers to: includes named by pattern, and env files.
func TestOtherFiles(t *testing.T) {
	const dir = "/.config/lsh/"
	for _, c := range []struct {
		name   string
		setup  string
		change string
		glob   string
		extra  string
		path   string
		want   string // label of path afterwards; "new" if empty
	}{
		{name: "include added", setup: `mkdir .config/lsh/jobs.d`, change: `cat $new > .config/lsh/jobs.d/b.yaml`, glob: "jobs.d/*.yaml", path: "jobs.d/b.yaml"},
		{name: "include added with its directory", setup: `:`, change: `mkdir .config/lsh/jobs.d; cat $new > .config/lsh/jobs.d/b.yaml`, glob: "jobs.d/*.yaml", path: "jobs.d/b.yaml"},
		{name: "include changed", setup: `mkdir .config/lsh/jobs.d; cat $old > .config/lsh/jobs.d/b.yaml`, change: `cat $new > .config/lsh/jobs.d/b.yaml`, glob: "jobs.d/*.yaml", path: "jobs.d/b.yaml"},
		{name: "include removed", setup: `mkdir .config/lsh/jobs.d; cat $old > .config/lsh/jobs.d/b.yaml`, change: `rm .config/lsh/jobs.d/b.yaml`, glob: "jobs.d/*.yaml", path: "jobs.d/b.yaml", want: unread},
		{name: "include is a link whose target changes", setup: `mkdir .config/lsh/jobs.d; cat $old > a; ln -s ../../../a .config/lsh/jobs.d/b.yaml`, change: `cat $new > t; mv t a`, glob: "jobs.d/*.yaml", path: "jobs.d/b.yaml"},
		{name: "include in a directory that matches", setup: `mkdir .config/lsh/hosts`, change: `mkdir .config/lsh/hosts/x; sleep 0.3; cat $new > .config/lsh/hosts/x/jobs.yaml`, glob: "hosts/*/jobs.yaml", path: "hosts/x/jobs.yaml"},
		{name: "include directory is a link, swapped", setup: `mkdir a b; cat $old > a/b.yaml; cat $new > b/b.yaml; ln -s ../../a .config/lsh/jobs.d`, change: `ln -sfn ../../b .config/lsh/jobs.d`, glob: "jobs.d/*.yaml", path: "jobs.d/b.yaml"},
		{name: "env_file changed", setup: `cat $old > .config/lsh/env`, change: `cat $new > .config/lsh/t; mv .config/lsh/t .config/lsh/env`, extra: "env", path: "env"},
		{name: "env_file appears", setup: `:`, change: `cat $new > .config/lsh/env`, extra: "env", path: "env"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			d.sh(plain)
			d.sh(c.setup)
			if c.glob != "" {
				d.globs = []string{d.dir + dir + c.glob}
			}
			if c.extra != "" {
				d.extra = []string{d.dir + dir + c.extra}
			}
			d.start()
			before := d.count()
			d.sh(c.change)
			d.expect(d.dir+dir+c.path, cmp.Or(c.want, "new"), before)
			d.expect(d.main, "old", before)
		})
	}
}
