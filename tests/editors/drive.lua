-- Opens the example, makes a mistake, waits for its diagnostic, takes it back, hovers, previews, tunes and undoes; writes what was seen as JSON.
local BEFORE, MISTAKE = "y[tile_k, tile_n])", "y[tile_n, tile_k])"
local answers = {}

local function finish(problem)
  answers.problem = problem
  vim.fn.writefile({ vim.json.encode(answers) }, "answers.json")
  vim.cmd("qall!")
end

local function replace(old, new)
  for number, line in ipairs(vim.api.nvim_buf_get_lines(0, 0, -1, true)) do
    local start = line:find(old, 1, true)
    if start then
      vim.api.nvim_buf_set_text(0, number - 1, start - 1, number - 1, start - 1 + #old, { new })
      return
    end
  end
  error("not in the example: " .. old)
end

local function place(words)
  for number, line in ipairs(vim.api.nvim_buf_get_lines(0, 0, -1, true)) do
    local start = line:find(words, 1, true)
    if start then
      return { line = number - 1, character = start - 1 }
    end
  end
  error("not in the example: " .. words)
end

local function text()
  return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, true), "\n") .. "\n"
end

local function until_(what, condition)
  if not vim.wait(120000, condition, 50) then
    error("timed out: " .. what)
  end
end

local function drive()
  vim.cmd.edit("matmul.py")
  local window = vim.api.nvim_get_current_win()
  until_("a client", function()
    local client = vim.lsp.get_clients({ bufnr = 0, name = "helion" })[1]
    return client ~= nil and client.initialized
  end)
  replace(BEFORE, MISTAKE)
  until_("the mistake's diagnostic", function()
    return #vim.diagnostic.get(0) > 0
  end)
  answers.diagnostics = vim.tbl_map(function(found)
    return found.code
  end, vim.diagnostic.get(0))
  replace(MISTAKE, BEFORE)
  until_("no diagnostic", function()
    return #vim.diagnostic.get(0) == 0
  end)
  local document = { uri = vim.uri_from_bufnr(0) }
  local asked = { textDocument = document, position = place("acc = hl.zeros") }
  for _, answer in pairs(vim.lsp.buf_request_sync(0, "textDocument/hover", asked, 30000) or {}) do
    answers.hover = answer.result and answer.result.contents.value
  end
  local at = place("matmul(x: torch.Tensor")
  vim.api.nvim_win_set_cursor(0, { at.line + 1, at.character })
  vim.cmd.HelionPreview()
  until_("a preview", function()
    return vim.fn.bufnr("matmul.triton.py") ~= -1 and #vim.fn.win_findbuf(vim.fn.bufnr("matmul.triton.py")) > 0
  end)
  local shown = vim.fn.bufnr("matmul.triton.py")
  answers.preview = table.concat(vim.api.nvim_buf_get_lines(shown, 0, -1, true), "\n")
  vim.api.nvim_set_current_win(window)
  local said = nil
  vim.notify = function(words)
    said = words
  end
  vim.cmd("HelionTune 4")
  until_("a locked config", function()
    return said ~= nil
  end)
  answers.told = said
  answers.locked = text()
  vim.cmd.undo()
  answers.undone = text()
end

local ok, problem = pcall(drive)
finish(not ok and tostring(problem) or nil)
