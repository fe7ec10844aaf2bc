"""A server with every request and command it answers."""

from __future__ import annotations

from functools import partial

from lsprotocol import types as lsp

from helion_lsp.commands import accept_lock, codemod, lock_trial, show_tuning, tune_and_lock
from helion_lsp.front import live_settings, server, watched_files
from helion_lsp.front.live_previews import LivePreviews
from helion_lsp.front.server import HelionServer
from helion_lsp.requests import code_actions, completion, document, locks, navigation, previews, repro, runs, samples, structure, tunings

_FEATURES = (
    (lsp.INITIALIZE, server.initialize, None),
    (lsp.INITIALIZED, live_settings.on_initialized, None),
    (lsp.SHUTDOWN, server.shutdown, None),
    (lsp.TEXT_DOCUMENT_DID_OPEN, server.did_open, None),
    (lsp.TEXT_DOCUMENT_DID_CHANGE, server.did_change, None),
    (lsp.TEXT_DOCUMENT_DID_SAVE, server.did_save, None),
    (lsp.TEXT_DOCUMENT_DID_CLOSE, server.did_close, None),
    (lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES, watched_files.on_changed, None),
    (lsp.WORKSPACE_DID_CHANGE_CONFIGURATION, live_settings.on_changed, None),
    (lsp.TEXT_DOCUMENT_HOVER, document.on_hover, None),
    (
        lsp.TEXT_DOCUMENT_COMPLETION,
        completion.on_completion,
        lsp.CompletionOptions(trigger_characters=[".", "(", "=", '"', "'", "["], resolve_provider=True),
    ),
    (lsp.COMPLETION_ITEM_RESOLVE, completion.on_completion_resolve, None),
    (
        lsp.TEXT_DOCUMENT_SIGNATURE_HELP,
        completion.on_signature_help,
        lsp.SignatureHelpOptions(trigger_characters=["(", ","], retrigger_characters=["="]),
    ),
    (lsp.TEXT_DOCUMENT_DEFINITION, navigation.on_definition, None),
    (lsp.TEXT_DOCUMENT_TYPE_DEFINITION, navigation.on_type_definition, None),
    (lsp.TEXT_DOCUMENT_REFERENCES, navigation.on_references, None),
    (lsp.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT, navigation.on_document_highlight, None),
    (lsp.TEXT_DOCUMENT_PREPARE_RENAME, navigation.on_prepare_rename, None),
    (lsp.TEXT_DOCUMENT_RENAME, navigation.on_rename, lsp.RenameOptions(prepare_provider=True)),
    (lsp.TEXT_DOCUMENT_DOCUMENT_SYMBOL, structure.on_document_symbol, lsp.DocumentSymbolOptions(label="Helion")),
    (lsp.TEXT_DOCUMENT_FOLDING_RANGE, structure.on_folding_range, None),
    (lsp.TEXT_DOCUMENT_SELECTION_RANGE, structure.on_selection_range, None),
    (lsp.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL, structure.on_semantic_tokens, structure.LEGEND),
    (lsp.TEXT_DOCUMENT_SEMANTIC_TOKENS_RANGE, structure.on_semantic_tokens_range, structure.LEGEND),
    (lsp.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL_DELTA, structure.on_semantic_tokens_delta, structure.LEGEND),
    (lsp.TEXT_DOCUMENT_INLAY_HINT, document.on_inlay_hint, None),
    (lsp.TEXT_DOCUMENT_CODE_LENS, document.on_code_lens, None),
    (
        lsp.TEXT_DOCUMENT_CODE_ACTION,
        code_actions.on_code_action,
        lsp.CodeActionOptions(code_action_kinds=code_actions.KINDS),
    ),
    (
        lsp.TEXT_DOCUMENT_DIAGNOSTIC,
        document.on_diagnostic,
        lsp.DiagnosticOptions(inter_file_dependencies=False, workspace_diagnostics=False, identifier="helion"),
    ),
    (lsp.WORKSPACE_TEXT_DOCUMENT_CONTENT, previews.on_content, None),
    ("helion/preview", previews.on_preview, None),
    ("helion/signatures", samples.on_signatures, None),
    ("helion/runCommand", runs.on_run_command, None),
    ("helion/previewDiff", previews.on_preview_diff, None),
    ("helion/regions", document.on_regions, None),
    ("helion/kernelAt", structure.on_kernel_at, None),
    ("helion/tunings", tunings.on_tunings, None),
    ("helion/tuning", tunings.on_tuning, None),
    ("helion/repro", repro.on_repro, None),
    ("helion/lockOverview", locks.on_lock_overview, None),
    ("helion/refreshCommand", locks.on_refresh_command, None),
)
_COMMANDS = (
    ("helion.showPreview", previews.show_preview),
    ("helion.restartWorker", previews.restart_worker),
    ("helion.chooseSignature", samples.choose_signature),
    ("helion.runInInterpreter", runs.show_command),
    ("helion.debugInInterpreter", runs.show_debug_command),
    ("helion.toggleDecisions", server.toggle_decisions),
    ("helion.tuneAndLock", tune_and_lock.tune_and_lock),
    ("helion.lockTrial", lock_trial.lock_trial),
    ("helion.showTuning", show_tuning.show_tuning),
    ("helion.showRepro", repro.show_repro),
    ("helion.codemod", codemod.apply_codemod),
    ("helion.acceptLock", accept_lock.accept_lock),
)


def create_server(worker_command: tuple[str, ...] | None = None) -> HelionServer:
    """A server that is not running yet. `worker_command` stands in for the worker in tests."""
    created = HelionServer(worker_command)
    created.live_previews = LivePreviews(partial(previews.read_again, created), partial(previews.write_preview, created))
    for name, handler, options in _FEATURES:
        created.feature(name, options)(handler)
    for name, handler in _COMMANDS:
        created.command(name)(handler)
    return created
