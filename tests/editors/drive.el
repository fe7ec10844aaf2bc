;;; Opens the example, makes a mistake, waits for its diagnostic, takes it back, hovers and previews; writes what was seen as JSON.  -*- lexical-binding: t -*-
(require 'json)
(require 'flymake)

(defconst before "y[tile_k, tile_n])")
(defconst mistake "y[tile_n, tile_k])")
(defvar answers nil)

(defun wait-until (what condition)
  (let ((end (+ (float-time) 60)))
    (while (not (funcall condition))
      (when (> (float-time) end) (error "timed out: %s" what))
      (accept-process-output nil 0.05))))

(defun place (words)
  (goto-char (point-min))
  (search-forward words)
  (goto-char (match-beginning 0)))

(defun put-instead (old new)
  (place old)
  (delete-char (length old))
  (insert new)
  ;; A batch session is never idle, which is when Eglot would send the change.
  (eglot--signal-textDocument/didChange))

(defun drive ()
  (find-file "matmul.py")
  (apply #'eglot (eglot--guess-contact))
  (wait-until "eglot-managed-p" #'eglot-managed-p)
  (push (cons "managed" t) answers)
  (flymake-mode 1)
  (put-instead before mistake)
  (flymake-start)
  (wait-until "the mistake's diagnostic" (lambda () (flymake-diagnostics)))
  (push (cons "diagnostics" (vconcat (mapcar #'flymake-diagnostic-text (flymake-diagnostics)))) answers)
  (put-instead mistake before)
  (wait-until "no diagnostic" (lambda () (not (flymake-diagnostics))))
  (place "acc = hl.zeros")
  (let ((hover (jsonrpc-request (eglot-current-server) :textDocument/hover (eglot--TextDocumentPositionParams) :timeout 30)))
    (push (cons "hover" (plist-get (plist-get hover :contents) :value)) answers))
  (helion-preview "matmul" "triton")
  (push (cons "preview" (buffer-substring-no-properties (point-min) (point-max))) answers))

(condition-case problem
    (drive)
  (error (push (cons "problem" (error-message-string problem)) answers)))
(write-region (json-encode answers) nil (expand-file-name "answers.json" command-line-default-directory))
(kill-emacs 0)
