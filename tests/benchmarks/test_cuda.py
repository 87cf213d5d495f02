"""The comparison on a GPU, rehearsed where there may be none."""

import pytest
import torch

from benchmarks import cuda


def test_a_rehearsal_compares_everyone_with_the_reference_on_every_workload() -> None:
    results = cuda.run(quick=True, rounds=3)
    assert results["quick"]
    for workload in results["workloads"]:
        rows = workload["ways"]["steps"]
        assert {*rows} == {"memory floor", *cuda.SUBJECTS}
        assert rows[cuda.REFERENCE]["to_reference"] == [1, 1, 1]
        assert all(row["milliseconds"][0] > 0 for row in rows.values())
        assert ("graph" in workload["ways"]) == torch.cuda.is_available()


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_without_a_gpu_there_is_no_record(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["benchmarks.cuda"])
    with pytest.raises(SystemExit, match="there is no GPU that torch can use"):
        cuda.main()
